using System.Collections.Immutable;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Figures of a comparison. They are strict: every query that arrived in the measurement window counts once, and each that is not
/// answered in time is a violation.</summary>
public static class ComparisonMetrics
{
    /// <summary>Share of the arrivals that were answered in time.</summary>
    public static ComparisonMetric Attainment { get; } = new("attainment", "in time", MetricUnit.Share, Better.Higher, r => r.Result.Total.Attainment);

    /// <summary>Share of the arrivals that were not answered in time, whatever the cause.</summary>
    public static ComparisonMetric Violation { get; } = new("violation", "violated", MetricUnit.Share, Better.Lower, r => r.Result.Total.Violation);

    /// <summary>Share of the arrivals that were answered too late.</summary>
    public static ComparisonMetric Late { get; } = Cause("late", m => m.Late);

    /// <summary>Share of the arrivals that were given up on the way.</summary>
    public static ComparisonMetric Dropped { get; } = Cause("dropped", m => m.Expired);

    /// <summary>Share of the arrivals that were refused at the ingress.</summary>
    public static ComparisonMetric Rejected { get; } = Cause("rejected", m => m.Rejected);

    /// <summary>Share of the arrivals that were lost with failed slots.</summary>
    public static ComparisonMetric Failed { get; } = Cause("failed", m => m.Failed);

    /// <summary>Share of the arrivals that had not ended when the simulation ended.</summary>
    public static ComparisonMetric Unfinished { get; } = Cause("unfinished", m => m.Unfinished);

    /// <summary>Mean accuracy of the queries answered in time, 0..1.</summary>
    public static ComparisonMetric Accuracy { get; } = new("accuracy", "accuracy", MetricUnit.Accuracy, Better.Higher, r => r.Result.Total.EffectiveAccuracy);

    /// <summary>Least mean accuracy of any ten seconds, 0..1.</summary>
    public static ComparisonMetric WorstAccuracy { get; } = new("worst_accuracy", "worst 10 s", MetricUnit.Accuracy, Better.Higher, r => r.Result.WorstAccuracy);

    /// <summary>Mean accuracy with every violation counted as 0.</summary>
    public static ComparisonMetric AccuracyOverAll { get; } =
        new("accuracy_over_all", "acc. over all", MetricUnit.Accuracy, Better.Higher, r => r.Result.Total.AccuracyOverAll);

    /// <summary>Mean path accuracy over leaf results on time (as Loki, HPDC 2024, counts).</summary>
    public static ComparisonMetric LeafAccuracy { get; } =
        new("leaf_accuracy", "leaf accuracy", MetricUnit.Accuracy, Better.Higher, r => r.Result.Total.LeafAccuracy);

    /// <summary>Share of leaf results on time in all leaf results (as Loki, HPDC 2024, counts).</summary>
    public static ComparisonMetric LeafAttainment { get; } =
        new("leaf_attainment", "leaves in time", MetricUnit.Share, Better.Higher, r => r.Result.Total.LeafAttainment);

    /// <summary>Rows given up over all rows at all stages, Loki's own ratio (HPDC 2024, its artifact), for comparison only.</summary>
    public static ComparisonMetric StageDropShare { get; } =
        new("stage_drop_share", "stage drops", MetricUnit.Share, Better.Neither, r => r.StageDropShare);

    /// <summary>Cost of the occupied slots per hour of the measurement window.</summary>
    public static ComparisonMetric CostPerHour { get; } = new(
        "cost_per_hour", "cost/h", MetricUnit.PricePerHour, Better.Lower, r => r.Result.WindowUs == 0 ? 0 : r.Result.Cost * 3.6e9 / r.Result.WindowUs);

    /// <summary>Time mean of loaded replicas, draining and loading ones included. A slot that loads a variant while its old one serves
    /// counts twice, so the largest value can exceed the number of slots for a moment.</summary>
    public static ComparisonMetric ServersMean { get; } = new("servers_mean", "servers", MetricUnit.Slots, Better.Lower, r => r.Result.ServersUsed);

    /// <summary>Most occupied slots at the end of a second.</summary>
    public static ComparisonMetric ServersMax { get; } = new("servers_max", "most", MetricUnit.Slots, Better.Neither, r => r.MaxServers);

    /// <summary>Slots that loaded a variant after the start.</summary>
    public static ComparisonMetric Swaps { get; } = new("swaps", "swaps", MetricUnit.Count, Better.Lower, r => r.Result.Swaps);

    /// <summary>Plans that came into force after the first.</summary>
    public static ComparisonMetric PlanChanges { get; } = new("plan_changes", "plans", MetricUnit.Count, Better.Neither, r => r.Result.Plans.Length - 1);

    /// <summary>Queries answered in time per second.</summary>
    public static ComparisonMetric Goodput { get; } = new("goodput_qps", "goodput/s", MetricUnit.Qps, Better.Higher, r => r.Result.Total.GoodputQps);

    /// <summary>Median latency of the answered queries, milliseconds.</summary>
    public static ComparisonMetric P50 { get; } = new("p50_ms", "p50 ms", MetricUnit.Milliseconds, Better.Neither, r => r.Result.Total.P50Us / 1000);

    /// <summary>99th percentile of the latency of the answered queries, milliseconds.</summary>
    public static ComparisonMetric P99 { get; } = new("p99_ms", "p99 ms", MetricUnit.Milliseconds, Better.Lower, r => r.Result.Total.P99Us / 1000);

    /// <summary>Median real time of one plan, milliseconds; NaN where it was not measured.</summary>
    public static ComparisonMetric PlanMedian { get; } = new("plan_ms_median", "plan ms", MetricUnit.Milliseconds, Better.Lower, r => Median(r.PlanTimesMs));

    /// <summary>Longest real time of one plan, milliseconds; NaN where it was not measured.</summary>
    public static ComparisonMetric PlanMax { get; } = new(
        "plan_ms_max", "longest", MetricUnit.Milliseconds, Better.Lower, r => r.PlanTimesMs.IsEmpty ? double.NaN : r.PlanTimesMs.Max());

    /// <summary>All figures, in the order of a report.</summary>
    public static ImmutableArray<ComparisonMetric> All { get; } =
    [
        Attainment, Violation, Late, Dropped, Rejected, Failed, Unfinished, Accuracy, WorstAccuracy, AccuracyOverAll, LeafAccuracy, LeafAttainment,
        StageDropShare, CostPerHour, ServersMean, ServersMax, Swaps, PlanChanges, Goodput, P50, P99, PlanMedian, PlanMax,
    ];

    private static ComparisonMetric Cause(string key, Func<SimulationMetrics, long> count) => new(
        key, key, MetricUnit.Share, Better.Lower, r => r.Result.Total.Arrivals == 0 ? 0 : (double)count(r.Result.Total) / r.Result.Total.Arrivals);

    private static double Median(ImmutableArray<double> values)
    {
        if (values.IsEmpty)
            return double.NaN;
        var sorted = values.Sort();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
