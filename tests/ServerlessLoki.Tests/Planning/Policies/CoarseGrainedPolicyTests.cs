using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.CoarseGrained;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Tests.Simulation;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

/// <summary>InferLine's coarse-grained planning and AutoScale.</summary>
public sealed class CoarseGrainedPolicyTests
{
    private const long Second = 1_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Two stages; a query passes the fast device in 5 + 10 ms, two in 6 + 14, four in 8 + 22.
    private static PlanningProblem Cluster(double sloMs, params long[] atUs)
    {
        var pipeline = SimCases.Chain("a", sloMs, 2);
        return new PlanningProblem
        {
            Pipelines = [new PipelineDemand(pipeline, atUs.Length / 10.0, FanOut.One(pipeline))],
            Devices = [new DeviceType("slow", 100, 1, 0.1), new DeviceType("fast", 100, 1, 1)],
            Profile = new LatencyProfile(new[] { 1, 2, 4 }.SelectMany(b => new[]
            {
                SimCases.Row("a00", b, 4 + b, "fast"), SimCases.Row("a10", b, 6 + (4 * b), "fast"),
                SimCases.Row("a00", b, 40 + b, "slow"), SimCases.Row("a10", b, 60 + b, "slow"),
            })),
            Recent = new ArrivalWindow(0, 10 * Second, [.. atUs.Select(t => new Arrival(t))]),
        };
    }

    private static long[] Bursts => [.. Enumerable.Range(0, 100).SelectMany(i => Enumerable.Repeat(i * 100_000L, 10))];

    private static int Copies(Plan plan)
    {
        Assert.Single(plan.Slots.Select(s => s.Replicas).Distinct());
        Assert.All(plan.Slots, s => Assert.Equal(1, s.Device));
        return plan.Slots[0].Replicas;
    }

    [Theory]
    [InlineData(20, 2)]
    [InlineData(30, 4)]
    public void Plan_Mean_LargestBatchWithinTheObjectiveAndCopiesForTheMean(double sloMs, int batch)
    {
        var cluster = Cluster(sloMs, Bursts);
        var plan = new CoarseGrainedPolicy(CoarseGrainedRule.Mean).Plan(cluster, Token);

        // 100 q/s; two queries in 20 ms are 100 q/s a copy, four in 30 ms are 133.
        Assert.Equal(1, Copies(plan));
        Assert.All(plan.Slots, s => Assert.Equal(batch, s.Batch));
        Assert.Empty(PlanChecker.Faults(cluster, plan));
    }

    [Fact]
    public void Plan_Peak_CopiesForTheLargestRateWithinTheObjective()
    {
        // Ten in one window of 20 ms are 500 q/s.
        Assert.Equal(5, Copies(new CoarseGrainedPolicy(CoarseGrainedRule.Peak).Plan(Cluster(20, Bursts), Token)));
    }

    [Theory]
    [InlineData(CoarseGrainedRule.Mean)]
    [InlineData(CoarseGrainedRule.Peak)]
    public void Plan_LoadGrows_TheFixedOnesStay(CoarseGrainedRule rule)
    {
        var policy = new CoarseGrainedPolicy(rule);
        var first = policy.Plan(Cluster(20, Bursts), Token);
        var more = Cluster(20, [.. Bursts, .. Bursts, .. Bursts]) with { Previous = first };

        Assert.Equal(Copies(first), policy.Plan(more with { Recent = Window(more, 300) }, Token).Slots[0].Replicas);
    }

    [Fact]
    public void Plan_AutoScale_UpAtOnceDownAfterTheWait()
    {
        var policy = new CoarseGrainedPolicy(CoarseGrainedRule.AutoScale);
        var cluster = Cluster(20, Bursts);
        var plan = policy.Plan(cluster, Token);
        Assert.Equal(1, Copies(plan));

        // 10 s at 300 q/s from 200 s on, else 50 q/s.
        static double Rate(double second) => second is >= 200 and < 210 ? 300 : 50;
        var copies = new Dictionary<int, int>();
        for (var now = 130; now < 400; now++)
        {
            var window = Enumerable.Range(now - 125, 125).SelectMany(s => Enumerable.Range(0, (int)Rate(s)).Select(i => new Arrival((s * Second) + (long)(i * Second / Rate(s)))));
            plan = policy.Plan(cluster with { Previous = plan, Recent = new ArrivalWindow((now - 125) * Second, now * Second, [.. window]) }, Token);
            copies[now] = plan.Slots[0].Replicas;
        }

        Assert.Equal(1, copies[200]);
        Assert.InRange(copies[203], 2, 3);
        Assert.Equal(4, copies[206], 1.0);
        Assert.All(Enumerable.Range(206, 120), s => Assert.True(copies[s] >= 3, $"{s} s: {copies[s]}"));
        Assert.Equal(1, copies[340]);
    }

    private static ArrivalWindow Window(PlanningProblem problem, int seconds) => new(0, seconds * Second, problem.Recent!.Arrivals.Sort((a, b) => a.AtUs.CompareTo(b.AtUs)));
}
