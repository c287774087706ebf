using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.Proteus;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class SommelierPolicyTests
{
    private static Plan Plan(PlanningProblem problem) =>
        new SommelierPolicy(new BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken);

    [Fact]
    public void Plan_Start_EverySlotBelongsToAModelInProportionToItsLoad()
    {
        var plan = Plan(Models(30, 10));

        Assert.Equal([6, 2], Slots(plan));
        Assert.All(plan.Slots, s => Assert.Equal(2, s.Variant));
    }

    // Two slots of b carry 400 rows/s with v2, 800 with v1, 1600 with v0.
    [Theory]
    [InlineData(10, 2, 1)]
    [InlineData(500, 1, 1)]
    [InlineData(1000, 0, 1)]
    [InlineData(2000, 0, 0.8)]
    public void Plan_OneModelSurges_ItsVariantsGiveWayAndTheOtherKeepsItsSlots(double b, int fastestOfB, double served)
    {
        var first = Plan(Models(30, 10));
        var problem = Models(30, b) with { Previous = first };

        var plan = Plan(problem);

        Assert.Equal([6, 2], Slots(plan));
        Assert.All(plan.Slots.Where(s => s.Pipeline == 0), s => Assert.Equal(2, s.Variant));
        Assert.Equal(fastestOfB, plan.Slots.Where(s => s.Pipeline == 1).Min(s => s.Variant));
        Assert.Equal(served, plan.ServedShare[1], 1e-6);
        Assert.Empty(PlanChecker.Faults(problem, plan));
    }

    [Fact]
    public void Plan_ModelBeyondItsOwnSlots_ShedsAlthoughTheOthersIdle()
    {
        var first = Plan(Models(30, 10));
        var problem = Models(0, 4000) with { Previous = first };

        var plan = Plan(problem);
        var proteus = new ProteusPolicy(new BranchAndBoundSolver()).Plan(problem with { Previous = null }, TestContext.Current.CancellationToken);

        Assert.Equal(2 * problem.Profile.Find("b-t0-v0", "cpu")!.ThroughputQps(16) / 4000, plan.ServedShare[1], 1e-6);
        Assert.Equal("overload", plan.Proof.Step);
        Assert.Equal(1, proteus.ServedShare[1]);
    }

    [Fact]
    public void Plan_ClusterGrew_SharesOutAnew()
    {
        var problem = Models(30, 10) with { Previous = Plan(Models(30, 10)), Devices = [new DeviceType("cpu", 12)] };

        Assert.Equal(12, Slots(Plan(problem)).Sum());
    }

    [Fact]
    public void Plan_SlotsWithoutTraffic_HostTheMostAccurateOfTheirModel()
    {
        var problem = Models(0, 3000) with { Previous = Plan(Models(30, 10)) };

        Assert.Equal([2], Plan(problem).Slots.Where(s => s.Pipeline == 0).Select(s => s.Variant));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Plan_RandomPipelines_ValidAndSlotsNeverChangeHands(int seed)
    {
        var problem = Synthetic.Random(seed);
        var first = Plan(problem);
        var later = problem with
        {
            Previous = first,
            Pipelines = [.. problem.Pipelines.Select((p, i) => p with { DemandQps = i == 0 ? p.DemandQps * 5 : 0 })],
        };

        var second = Plan(later);

        Assert.Empty(PlanChecker.Faults(problem, first));
        Assert.Empty(PlanChecker.Faults(later, second));
        Assert.Equal(Owners(first), Owners(second));
    }

    [Fact]
    public void Constructor_HeadroomOutOfBounds_Throws() =>
        Assert.Throws<ArgumentException>(() => new SommelierPolicy(new BranchAndBoundSolver(), options: new ProteusOptions { Headroom = 0.5 }));

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 40)];

    private static IEnumerable<((int, int, int), int)> Owners(Plan plan) => plan.Slots.GroupBy(s => (s.Pipeline, s.Task, s.Device))
        .Select(g => (g.Key, g.Sum(s => s.Replicas))).Order();

    private static int[] Slots(Plan plan) => [.. plan.Slots.GroupBy(s => s.Pipeline).OrderBy(g => g.Key).Select(g => g.Sum(s => s.Replicas))];

    // One slot carries 800, 400 and 200 rows/s of the variants 0 to 2 at batch 16.
    private static PlanningProblem Models(double a, double b) => Synthetic.Problem(
        [(Synthetic.Pipeline("a", 1000, [-1], 3), a), (Synthetic.Pipeline("b", 1000, [-1], 3), b)], [new DeviceType("cpu", 8)]);
}
