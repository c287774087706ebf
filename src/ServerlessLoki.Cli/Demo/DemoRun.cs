using System.Collections.Immutable;
using ServerlessLoki.Cli.Cores;
using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Demo;

/// <summary>Phases under one policy, with the result of every query.</summary>
/// <param name="Policy">Policy name.</param>
/// <param name="Phases">Phases of the load.</param>
/// <param name="Records">Records of the queries, one for each.</param>
/// <param name="BestAccuracy">Expected accuracy of the most accurate path for each scene of the pool, 0..1; NaN where unknown.</param>
/// <param name="SloMs">Latency objective, milliseconds.</param>
internal sealed record DemoRun(
    string Policy, ImmutableArray<LoadPhase> Phases, IReadOnlyList<LoadRecord> Records, ImmutableArray<double> BestAccuracy, double SloMs)
{
    /// <summary>Use of the cores by other processes, by seconds since the start of the run.</summary>
    public CoreUse Cores { get; init; } = CoreUse.Unknown;

    /// <summary>Computes the mean share of the cores that other processes used in a phase, 0..1; null if it was not measured.</summary>
    public double? OthersShare(int phase) => Cores.Share(StartOf(phase), StartOf(phase) + Phases[phase].Duration.TotalSeconds);

    /// <summary>Computes the largest share of the cores that other processes used for two seconds in a phase, 0..1; null if it was not
    /// measured.</summary>
    public double? OthersWorst(int phase) => Cores.Worst(StartOf(phase), StartOf(phase) + Phases[phase].Duration.TotalSeconds);

    /// <summary>Computes the start of a phase, seconds since the start of the run.</summary>
    public double StartOf(int phase) => Phases.Take(phase).Sum(p => p.Duration.TotalSeconds);

    /// <summary>Lists the queries of a phase, without those that were due in its first <paramref name="skipSeconds"/>.</summary>
    public IReadOnlyList<LoadRecord> Of(int phase, double skipSeconds = 0)
    {
        var from = (StartOf(phase) + skipSeconds) * 1e6;
        return [.. Records.Where(r => r.Phase == phase && r.IntendedUs >= from)];
    }

    /// <summary>Computes how many percentage points the answers lie below those of the most accurate path for the same scenes; null without
    /// answers. Above 0 = worse.</summary>
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

    /// <summary>Computes the seconds from the start of a phase until the run stays on the best path, in steps of half a second.</summary>
    /// <param name="phase">Phase index.</param>
    /// <param name="points">Allowed distance of answers below the best path, percentage points.</param>
    /// <returns>Start of the first half second from which on every one is on the best path; null when there is none. A half second that
    /// answers no more than half of its queries in time is not; one without queries is ignored.</returns>
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
