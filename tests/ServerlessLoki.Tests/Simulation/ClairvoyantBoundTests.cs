using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Bounds;
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
        // Batches of 8 take longer than the SLO of 100 ms; of 4 they bring 4 / 80 ms.
        var problem = SimCases.Cluster(
            [SimCases.Chain("a", 100, 1)], new DeviceType("d", 1), SimCases.Row("a00", 1, 40), SimCases.Row("a00", 4, 80), SimCases.Row("a00", 8, 120));

        Assert.Equal(50, Bound(problem).At([1000]).ServedQps, 1e-3);
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
        ClairvoyantBound.Of(problem, new BranchAndBoundSolver(), draw)!;
}
