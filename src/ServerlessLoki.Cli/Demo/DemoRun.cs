using System.Collections.Immutable;
using ServerlessLoki.Cli.Cores;
using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Demo;

/// <summary>The phases under one policy, and what became of every query.</summary>
/// <param name="Policy">Policy name.</param>
/// <param name="Phases">As offered.</param>
/// <param name="Records">One per query.</param>
/// <param name="BestAccuracy">What the most accurate path expects of each scene of the pool; NaN where unknown.</param>
/// <param name="SloMs">Latency objective, milliseconds.</param>
internal sealed record DemoRun(
    string Policy, ImmutableArray<LoadPhase> Phases, IReadOnlyList<LoadRecord> Records, ImmutableArray<double> BestAccuracy, double SloMs)
{
    /// <summary>What other processes took of the cores, by seconds since the start of the run.</summary>
    public CoreUse Cores { get; init; } = CoreUse.Unknown;

    /// <summary>Mean share of the cores that others took in a phase, 0..1; null if it was not measured.</summary>
    public double? OthersShare(int phase) => Cores.Share(StartOf(phase), StartOf(phase) + Phases[phase].Duration.TotalSeconds);

    /// <summary>Largest share that others took for two seconds in a phase, 0..1; null if it was not measured.</summary>
    public double? OthersWorst(int phase) => Cores.Worst(StartOf(phase), StartOf(phase) + Phases[phase].Duration.TotalSeconds);

    /// <summary>Start of a phase, seconds since the start of the run.</summary>
    public double StartOf(int phase) => Phases.Take(phase).Sum(p => p.Duration.TotalSeconds);

    /// <summary>Queries of a phase, without those that were due in its first <paramref name="skipSeconds"/>.</summary>
    public IReadOnlyList<LoadRecord> Of(int phase, double skipSeconds = 0)
    {
        var from = (StartOf(phase) + skipSeconds) * 1e6;
        return [.. Records.Where(r => r.Phase == phase && r.IntendedUs >= from)];
    }

    /// <summary>How many points (hundredths) the answers lie below what the most accurate path would have given for the
    /// same scenes; null without answers. Above 0 = worse.</summary>
    public double? PointsBelowBest(IEnumerable<LoadRecord> records)
    {
        var gaps = records
            .Where(r => r.Completed && double.IsFinite(r.Reply.Accuracy) && double.IsFinite(BestAccuracy[r.Body]))
            .Select(r => BestAccuracy[r.Body] - r.Reply.Accuracy).ToArray();
        return gaps.Length == 0 ? null : 100 * gaps.Average();
    }

    /// <summary>Largest goodput of a phase, queries per second.</summary>
    public double PeakGoodputQps => Enumerable.Range(0, Phases.Length).Max(p => Report(p).GoodputQps);

    /// <summary>Sums up one phase.</summary>
    public PhaseReport Report(int phase) =>
        LoadReports.Of(Phases[phase].Name, Phases[phase].Duration.TotalSeconds, Of(phase), SloMs);

    /// <summary>Seconds from the start of a phase until the run is back on the best path for good, in steps of half a second.</summary>
    /// <param name="phase">Phase index.</param>
    /// <param name="points">Answers may lie this many points below the best path.</param>
    /// <returns>Start of the first half second from which on none shows anything else; null when there is no such. A half
    /// second shows it by answers: one that answers no more than half of its queries in time is not back, and one without
    /// queries says nothing.</returns>
    public double? RecoverySeconds(int phase, double points)
    {
        const double Step = 0.5;
        var start = StartOf(phase);
        var records = Of(phase);
        double? recovered = null;
        for (double at = 0; at < Phases[phase].Duration.TotalSeconds; at += Step)
        {
            var window = records.Where(r => r.IntendedUs >= (start + at) * 1e6 && r.IntendedUs < (start + at + Step) * 1e6).ToArray();
            if (window.Length > 0)
                recovered = IsBack(window, points) ? recovered ?? at : null;
        }

        return recovered;
    }

    private bool IsBack(LoadRecord[] window, double points) =>
        2 * window.Count(r => r.Attained(SloMs)) > window.Length && PointsBelowBest(window) <= points;
}
