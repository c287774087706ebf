using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies.InferLine;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Tests.Simulation;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies.InferLine;

public sealed class FifoEstimatorTests
{
    [Fact]
    public void P99Us_BoundMissedByMoreThanOneInAHundred_StopsEarly()
    {
        var setting = new PipelineSetting([new StageSetting(0, 1, 1), new StageSetting(0, 1, 1)]);

        Assert.Equal(double.PositiveInfinity, InferLineInstance.Estimator("burst4").P99Us(setting, 20_000));
        Assert.Equal(22_000, InferLineInstance.Estimator("burst4").P99Us(setting, 22_000));
    }

    [Fact]
    public void P99Us_SlotsThatShareACore_TakeTurns()
    {
        // Two slots of half a core: together no faster than one whole.
        var latency = new BatchLatency([1], [10_000]);
        PipelineStage Stage(double share) => new(0, -1, 0, 1, 1, [new StageHardware(0, latency, share, 1, 1)]);
        var sample = new TrafficSample([.. Enumerable.Range(0, 200).Select(i => 30_000L * (i / 2))], 3_000_000);
        double P99(double share, int replicas) =>
            new FifoEstimator([Stage(share)], sample, [2]).P99Us(new PipelineSetting([new StageSetting(0, 1, replicas)]), long.MaxValue);

        Assert.Equal(10_000, P99(1, 2));
        Assert.Equal(20_000, P99(1, 1));
        Assert.Equal(20_000, P99(0.5, 2));
    }

    [Fact]
    public void P99Us_HopLatency_IsPaidBeforeEachStage()
    {
        var sample = new TrafficSample([0, 100_000], 200_000);
        var estimator = new FifoEstimator(InferLineInstance.Stages, sample, [9, 9, 9], 3_000, (_, _, _) => 1);

        Assert.Equal(5_000 + 7_000 + 6_000, estimator.P99Us(new PipelineSetting([new StageSetting(0, 1, 1), new StageSetting(0, 1, 1)]), long.MaxValue));
    }

    /// <summary>The product's simulator, told to drop nothing, gives the same latencies where nothing is batched: with batches it takes
    /// simultaneous rows together, while InferLine's Estimator lets an idle replica take the first alone.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    public void P99Us_AgainstTheSimulator_TheSame(int batch, int replicas)
    {
        var device = new DeviceType("d", 20);
        var pipeline = SimCases.Chain("a", 10_000, 2);
        var rows = Enumerable.Range(1, 8).SelectMany(b => new[] { SimCases.Row("a00", b, 4 + b), SimCases.Row("a10", b, 3 + (2 * b)) });
        var cluster = SimCases.Cluster([pipeline], device, [.. rows]);
        var arrivals = Arrivals.Gamma(110, 4, TimeSpan.FromSeconds(60));
        var times = new List<long>();
        for (var stream = arrivals.Open(5); stream.TryNext(out var arrival);)
            times.Add(arrival.AtUs);
        var stages = PipelineStages.Of(cluster, System.Collections.Immutable.ImmutableDictionary<string, string>.Empty)[0];

        var estimated = new FifoEstimator(stages, new TrafficSample([.. times], 60_000_000), [20])
            .P99Us(new PipelineSetting([new StageSetting(0, batch, replicas), new StageSetting(0, batch, replicas)]), long.MaxValue);
        var plan = SimCases.Plan(cluster, (0, 0, 0, batch, replicas, 0), (0, 1, 0, batch, replicas, 0));
        var options = new SimulationOptions { Batching = BatchingRule.FixedSize, Drop = DropRule.Never, Admission = AdmissionRule.All, Reroute = false };
        var (_, queries) = SimCases.Trace(cluster, plan, options, [.. times]);
        var sorted = queries.Select(q => q.LatencyUs).Order().ToArray();

        Assert.Equal(sorted[(int)Math.Ceiling(0.99 * sorted.Length) - 1], estimated, 1e-9);
    }
}
