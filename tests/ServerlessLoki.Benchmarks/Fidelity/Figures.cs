using ServerlessLoki.Cli.Load;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Benchmarks.Fidelity;

/// <summary>What a run showed to the client: latencies of the answers, and the share answered in time.</summary>
/// <param name="P50Ms">Median latency, from the intended send time.</param>
/// <param name="P99Ms">99th percentile of the same.</param>
/// <param name="Attainment">Answered within the SLO over all that was offered, 0..1.</param>
internal sealed record Figures(double P50Ms, double P99Ms, double Attainment)
{
    /// <summary>What the load generator saw.</summary>
    public static Figures Of(IReadOnlyCollection<LoadRecord> live, double sloMs)
    {
        var report = LoadReports.Of("live", 1, live, sloMs);
        return new Figures(report.P50Ms ?? double.NaN, report.P99Ms ?? double.NaN, report.SloAttainment);
    }

    /// <summary>What it would have seen of simulated queries.</summary>
    /// <param name="simulated">All that arrived.</param>
    /// <param name="lateMs">By sequence number: how long after the intended time each was sent.</param>
    /// <param name="wireMs">What the way between client and engine adds to each answer.</param>
    /// <param name="sloMs">The pipeline's objective.</param>
    public static Figures Of(IReadOnlyCollection<QueryRecord> simulated, IReadOnlyList<double> lateMs, double wireMs, double sloMs)
    {
        // What is late in the engine is answered 504 there.
        var answers = simulated.Where(q => q.Outcome == SimulatedOutcome.OnTime)
            .Select(q => (q.LatencyUs / 1000.0) + lateMs[(int)q.Sequence] + wireMs).Order().ToArray();
        return new Figures(
            Percentile.Of(answers, 0.5) ?? double.NaN, Percentile.Of(answers, 0.99) ?? double.NaN,
            (double)answers.Count(ms => ms <= sloMs) / simulated.Count);
    }

    /// <summary>The median of each figure over several runs.</summary>
    public static Figures Middle(IReadOnlyCollection<Figures> runs) =>
        new(Median.Of(runs.Select(r => r.P50Ms)), Median.Of(runs.Select(r => r.P99Ms)), Median.Of(runs.Select(r => r.Attainment)));
}
