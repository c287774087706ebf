using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Bounds;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Simulation;

public sealed class ClairvoyantBoundTests
{
    // Variant 0: 0.9 at 20/s a slot; variant 1: 0.8 at 100/s a slot. Four slots.
    private static readonly PlanningProblem OneTask = SimCases.Cluster(
        [SimCases.Chain("a", 200, 1, variants: 2)], new DeviceType("d", 4), SimCases.Row("a00", 1, 50), SimCases.Row("a01", 1, 10));

    [Theory]
    // x queries on the accurate variant, y on the fast one: x + y = 240 and x/20 + y/100 = 4 give x = 40.
    [InlineData(240, 240, (40 * 0.9) + (200 * 0.8), 4)]
    [InlineData(500, 400, 400 * 0.8, 4)]
    [InlineData(40, 40, 40 * 0.9, 2)]
    [InlineData(0, 0, 0, 0)]
    public void At_OneTask_AsWorkedOutByHand(double demand, double served, double accuracy, double slots)
    {
        var point = Bound(OneTask).At([demand]);

        Assert.Equal(served, point.ServedQps, 1e-3);
        Assert.Equal(accuracy, point.AccuracyQps, 1e-3);
        Assert.Equal(slots, point.Slots, 1e-3);
        Assert.Equal(0, point.PricePerHour);
    }

    [Fact]
    public void At_DevicesWithPrices_TakesTheCheapestThatDoesIt()
    {
        // Per query the slow kind costs 1/20 of 1, the fast one 1/80 of 3: the fast one is cheaper, and one of it carries 80.
        var problem = SimCases.Cluster(
            [SimCases.Chain("a", 200, 1)], new DeviceType("slow", 10, PricePerHour: 1), SimCases.Row("a00", 1, 50, "slow"), SimCases.Row("a00", 1, 12.5, "fast"));
        problem = problem with { Devices = [.. problem.Devices, new DeviceType("fast", 1, PricePerHour: 3)] };

        Assert.Equal((1.5, 0.5), Rounded(Bound(problem).At([40])));
        Assert.Equal((3 + 2, 1 + 2), Rounded(Bound(problem).At([120])));

        static (double, double) Rounded(BoundPoint p) => (Math.Round(p.PricePerHour, 4), Math.Round(p.Slots, 4));
    }

    [Fact]
    public void At_BestBatchWithinTheSlo_NotALargerOne()
    {
        // Batches of 8 take longer than the SLO of 100 ms; those of 6, between the profiled ones, just fit and bring 6 / 100 ms.
        var problem = SimCases.Cluster(
            [SimCases.Chain("a", 100, 1)], new DeviceType("d", 1), SimCases.Row("a00", 1, 40), SimCases.Row("a00", 4, 80), SimCases.Row("a00", 8, 120));

        Assert.Equal(60, Bound(problem).At([1000]).ServedQps, 1e-3);
    }

    [Fact]
    public void At_ChildrenPerQuery_TakeSlotsAndResultsWeighByWhereTheyEnd()
    {
        // Each query has two children on average: 10 ms at the root and 2 × 20 ms below fill 1 slot with 20 queries/s.
        var chain = SimCases.Chain("a", 500, 2);
        var problem = SimCases.Cluster([chain], new DeviceType("d", 1), SimCases.Row("a00", 1, 10), SimCases.Row("a10", 1, 20));
        problem = problem with { Pipelines = [problem.Pipelines[0] with { FanOut = new FanOut([[2.0]]) }] };
        var point = Bound(problem, FanOutDraw.Poisson).At([1000]);

        Assert.Equal(20, point.ServedQps, 1e-3);
        // A query without children, e^-2 of them, is answered by its root alone: 0.9; the others by 0.9 × 0.9.
        var alone = Math.Exp(-2);
        Assert.Equal((alone * 0.9) + ((1 - alone) * 0.81), point.AccuracyQps / point.ServedQps, 2e-3);
    }

    [Fact]
    public void At_MostAccuracy_MayServeFewer()
    {
        // One slot: 20/s at 0.9 bring more accuracy than 20.5/s at 0.8.
        var problem = SimCases.Cluster([SimCases.Chain("a", 200, 1, variants: 2)], new DeviceType("d", 1), SimCases.Row("a00", 1, 50), SimCases.Row("a01", 1, 48.78));
        var point = Bound(problem).At([100]);

        Assert.Equal((20.5, 18.0, 16.4), (Math.Round(point.ServedQps, 2), Math.Round(point.MostAccuracyQps, 2), Math.Round(point.AccuracyQps, 2)));
    }

    [Fact]
    public void At_SlotsThatShareADevice_TakeTurnsOnItsThreads()
    {
        // Three halves of a device are two threads in the simulator, and a slot alone has a whole one.
        var problem = SimCases.Cluster([SimCases.Chain("a", 200, 1)], new DeviceType("d", 3, SlotShare: 0.5), SimCases.Row("a00", 1, 10));

        Assert.Equal((200, 2), (Math.Round(Bound(problem).At([1000]).ServedQps, 3), Math.Round(Bound(problem).At([1000]).Slots, 3)));
        Assert.Equal(0.5, Bound(problem).At([50]).Slots, 1e-3);
    }

    [Theory]
    [InlineData(FanOutDraw.Rounded)]
    [InlineData(FanOutDraw.Poisson)]
    public void At_SimulatedOverload_NobodyServesMoreInTheMean(FanOutDraw draw)
    {
        var cluster = SimCases.Cluster(
            [SimCases.Chain("a", 300, 2, variants: 2)], new DeviceType("d", 4, SlotShare: 0.5),
            SimCases.Row("a00", 1, 20), SimCases.Row("a00", 4, 60), SimCases.Row("a01", 1, 5), SimCases.Row("a01", 8, 30), SimCases.Row("a10", 1, 12), SimCases.Row("a11", 1, 4), SimCases.Row("a11", 8, 20));
        foreach (var qps in (double[])[60, 150, 600])
        {
            var options = new SimulationOptions { FanOut = draw, WarmUp = TimeSpan.FromSeconds(2) };
            var problem = cluster with { Pipelines = [cluster.Pipelines[0] with { DemandQps = qps }] };
            var point = ClairvoyantBound.Of(problem, new BranchAndBoundSolver(), options)!.At([qps]);
            foreach (var name in (string[])[PlanningPolicies.Loki, PlanningPolicies.Unified, PlanningPolicies.Proteus])
            {
                var result = Simulator.Run(new SimulationProblem
                {
                    Cluster = problem, Arrivals = Arrivals.Poisson(qps, TimeSpan.FromSeconds(12)), Policy = PlanningPolicies.Create(name, new BranchAndBoundSolver()), Options = options,
                });
                var total = result.Total;
                Assert.True(total.Attainment * total.Arrivals / 10 <= Math.Min(qps, point.ServedQps) * 1.05, $"{name} at {qps}: {total.GoodputQps} of {point.ServedQps}");
                Assert.True(total.AccuracyOverAll * total.Arrivals / 10 <= point.MostAccuracyQps * 1.05, $"{name} at {qps}: {total.AccuracyOverAll * qps} of {point.MostAccuracyQps}");
            }
        }
    }

    [Fact]
    public void At_PlansOfEveryDemand_NeverServeMore()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var problem = Synthetic.Random(seed);
            var plan = PlanningPolicies.Create(PlanningPolicies.Loki, new BranchAndBoundSolver()).Plan(problem);
            var point = Bound(problem).At([.. problem.Pipelines.Select(p => p.DemandQps)]);

            var served = problem.Pipelines.Select((p, i) => p.DemandQps * plan.ServedShare[i]).Sum();
            Assert.True(served <= point.ServedQps * (1 + 1e-6) + 1e-6, $"seed {seed}: a plan serves {served} of at most {point.ServedQps}");
        }
    }

    private static ClairvoyantBound Bound(PlanningProblem problem, FanOutDraw draw = FanOutDraw.Rounded) =>
        ClairvoyantBound.Of(problem, new BranchAndBoundSolver(), new SimulationOptions { FanOut = draw })!;
}
