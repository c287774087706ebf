using System.Collections.Immutable;
using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Demo;

/// <summary>Second of a run, by intended send time.</summary>
/// <param name="At">Middle of the second, seconds since the start.</param>
/// <param name="OfferedQps">Queries due in the second.</param>
/// <param name="GoodputQps">Queries answered 200 within the SLO.</param>
/// <param name="Accuracy">Mean expected accuracy of the answers, 0..1; NaN without any.</param>
/// <param name="P99Ms">99th percentile of the answers' latency, milliseconds; NaN without any.</param>
/// <param name="Variants">Number of answers in which each variant took part.</param>
internal sealed record DemoSecond(
    double At, double OfferedQps, double GoodputQps, double Accuracy, double P99Ms, ImmutableSortedDictionary<string, int> Variants)
{
    /// <summary>Lists all seconds of a run.</summary>
    public static ImmutableArray<DemoSecond> Of(DemoRun run)
    {
        var total = (int)Math.Ceiling(run.Phases.Sum(p => p.Duration.TotalSeconds));
        var bySecond = run.Records.ToLookup(r => (int)(r.IntendedUs / 1_000_000));
        return [.. Enumerable.Range(0, total).Select(s => From(s + 0.5, LoadReports.Of("second", 1, bySecond[s], run.SloMs)))];
    }

    /// <summary>Makes the second from a report of one second.</summary>
    public static DemoSecond From(double at, PhaseReport report) => new(
        at, report.OfferedQps, report.GoodputQps, report.EffectiveAccuracy ?? double.NaN, report.P99Ms ?? double.NaN, report.Variants);
}
