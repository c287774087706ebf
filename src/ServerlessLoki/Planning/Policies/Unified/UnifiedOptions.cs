using System.Globalization;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Constants of <see cref="UnifiedPolicy"/>.</summary>
public sealed record UnifiedOptions
{
    /// <summary>Length of the history of arrivals that is kept and at most replayed; 0 to one hour. Default 60 s. With 0, plans are
    /// rehearsed on independent arrivals.</summary>
    public TimeSpan History { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Largest share of replayed queries that may miss their deadline before head-room is raised; 0.0001 to 0.99. Default
    /// 0.5 %: half of what a p99 objective allows, the other half is for what the replay cannot know.</summary>
    public double MissedShare { get; init; } = 0.005;

    /// <summary>Share of every pool's planned capacity that stays free for forecast errors, in addition to the head-room for bursts; 0 to
    /// 0.99. Default 5 % (β of Proteus' resource allocation program). The plan in force may use this share up before it is replaced, so
    /// that small changes of demand swap no models. Where models load at once it shrinks with the head-room for bursts that rehearsals give
    /// back.</summary>
    public double ForecastReserve { get; init; } = 0.05;

    /// <summary>Most rounds of solving and replaying a plan; 1 to 100. Default 3.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>Relative gap to the bound at which a solve stops, even if <see cref="PlanningOptions.RelativeGap"/> asks for less; 0 to 1.
    /// Default 1e-3: a tenth of a point is less than a rehearsal can tell.</summary>
    public double Gap { get; init; } = 1e-3;

    /// <summary>Most branch-and-bound nodes of one solve, as far as <see cref="PlanningOptions.NodeLimit"/> allows them; 1 to a
    /// billion. Default 100: a plan is made several times each second.</summary>
    public long Nodes { get; init; } = 100;

    /// <summary>Accuracy that reloading the whole cluster must gain, 0 to 1; a swap of one slot must gain its part of it. Default
    /// 0.001.</summary>
    public double SwapAccuracy { get; init; } = 0.001;

    /// <summary>Time that a plan is meant to last, in load times (<see cref="PlanningProblem.LoadTime"/>): a load must pay off within it,
    /// and the demand peak over it is planned for; 0.01 to 1,000. Default 4.</summary>
    public double LoadTimes { get; init; } = 4;

    /// <summary>Rows that the replays of one plan serve at most, over all stages and seeds; 100 to ten million. Default 60,000: some twenty milliseconds.</summary>
    public int ReplayRows { get; init; } = 60_000;

    /// <summary>Lists all options that are out of bounds.</summary>
    internal List<string> Faults()
    {
        var faults = new List<string>();
        Check("history", History, UnifiedBounds.History);
        Check("missedShare", MissedShare, UnifiedBounds.MissedShare);
        Check("forecastReserve", ForecastReserve, UnifiedBounds.ForecastReserve);
        Check("rounds", Rounds, UnifiedBounds.Rounds);
        Check("gap", Gap, UnifiedBounds.Gap);
        Check("nodes", Nodes, UnifiedBounds.Nodes);
        Check("swapAccuracy", SwapAccuracy, UnifiedBounds.SwapAccuracy);
        Check("loadTimes", LoadTimes, UnifiedBounds.LoadTimes);
        Check("replayRows", ReplayRows, UnifiedBounds.ReplayRows);
        return faults;

        // A double that is not a number compares as less than all.
        void Check<T>(string name, T found, (T Least, T Most) bounds) where T : IComparable<T>
        {
            if (found.CompareTo(bounds.Least) < 0 || found.CompareTo(bounds.Most) > 0)
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"$.{name}: found {found}; allowed: from {bounds.Least} to {bounds.Most}"));
        }
    }
}
