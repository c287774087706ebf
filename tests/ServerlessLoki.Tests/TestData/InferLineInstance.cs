using System.Collections.Immutable;
using ServerlessLoki.Planning.Policies.InferLine;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Tests.TestData;

/// <summary>The chain of InferLine's example chain: every query visits prep, every other one cls.</summary>
internal static class InferLineInstance
{
    public static readonly string[] DeviceNames = ["cpu", "k80", "v100"];
    private static readonly int[] Batches = [1, 2, 4, 8, 16, 32];
    private static readonly double[] Prices = [0.0665, 0.7005, 2.5945];
    private static readonly int[] Slots = [1000, 1000, 1000];

    public static ImmutableArray<PipelineStage> Stages { get; } =
    [
        new PipelineStage(0, -1, 0, 1, 1, [Hardware(0, b => 1 + (4 * b))]),
        new PipelineStage(1, 0, 0, 0.5, 0.5, [Hardware(2, b => 6 + b), Hardware(1, b => 18 + (4 * b)), Hardware(0, b => 60 + (120 * b))]),
    ];

    /// <summary>1,000 queries at 100/s: one by one, by four or by eight.</summary>
    public static TrafficSample Sample(string trace) => new(
        [.. Enumerable.Range(0, 1000).Select(i => trace switch { "steady" => 10L * i, "burst4" => 40L * (i / 4), _ => 80L * (i / 8) } * 1000)], 10_000_000);

    public static FifoEstimator Estimator(string trace) => new(Stages, Sample(trace), Slots, 0, (query, _, _) => query % 2 == 0 ? 1 : 0);

    public static GreedyPlanner Planner(string trace, long sloMs) =>
        new(Stages, Estimator(trace), Sample(trace), Slots, sloMs * 1000, maxReplicas: 1000, utilization: 1, TestContext.Current.CancellationToken);

    /// <summary>As the spec writes plans: batch/replicas/device of each stage.</summary>
    public static string Text(PipelineSetting setting) => string.Join(
        ", ", Stages.Select(s => $"{setting[s.Task].Batch}/{setting[s.Task].Replicas}/{DeviceNames[s.Ladder[setting[s.Task].Hardware].Device]}"));

    private static StageHardware Hardware(int device, Func<int, double> ms) =>
        new(device, new BatchLatency(Batches, [.. Batches.Select(b => 1000 * ms(b))]), 1, Prices[device], 32);
}
