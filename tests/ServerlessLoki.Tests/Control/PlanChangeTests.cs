using ServerlessLoki.Control;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Control;

public sealed class PlanChangeTests
{
    private static readonly LokiPolicy Policy = new(new BranchAndBoundSolver());

    private static PlanningProblem Problem(double qps)
    {
        var problem = Synthetic.Problem(qps, 6, -1, 0);
        return problem with { Options = problem.Options with { FillLeftover = true } };
    }

    private static Plan Plan(PlanningProblem problem) => Policy.Plan(problem, TestContext.Current.CancellationToken);

    [Fact]
    public void ShouldReplace_NoPlanYet_Yes() => Assert.True(PlanChange.ShouldReplace(null, Plan(Problem(50)), Problem(50)));

    [Fact]
    public void ShouldReplace_SameProblem_No() => Assert.False(PlanChange.ShouldReplace(Plan(Problem(50)), Plan(Problem(50)), Problem(50)));

    [Fact]
    public void ShouldReplace_DemandMovesALittle_No() => Assert.False(PlanChange.ShouldReplace(Plan(Problem(300)), Plan(Problem(299)), Problem(299)));

    [Fact]
    public void ShouldReplace_DemandBeyondCapacity_Yes() => Assert.True(PlanChange.ShouldReplace(Plan(Problem(20)), Plan(Problem(800)), Problem(800)));

    [Fact]
    public void ShouldReplace_DemandFellAndAccuracyCanRise_Yes() => Assert.True(PlanChange.ShouldReplace(Plan(Problem(800)), Plan(Problem(20)), Problem(20)));

    [Fact]
    public void ShouldReplace_FewerSlotsDoAndSlotsAreToBeSaved_Yes()
    {
        var (high, low) = (Synthetic.Problem(100, 20, -1), Synthetic.Problem(10, 20, -1));

        Assert.True(PlanChange.ShouldReplace(Plan(high), Plan(low), low));
    }

    [Fact]
    public void ShouldReplace_ClusterShrankUnderThePlan_Yes()
    {
        var (before, after) = (Problem(50), Problem(50) with { Devices = [new ServerlessLoki.Profiles.DeviceType("cpu", 3)] });

        Assert.True(PlanChange.ShouldReplace(Plan(before), Plan(after with { Previous = Plan(before) }), after));
    }

    [Fact]
    public void ShouldReplace_DeviceKindGone_Yes()
    {
        var pipeline = Synthetic.Pipeline("p", 200, [-1], 2);
        var two = Synthetic.Problem([(pipeline, 900)], [new("cpu", 1), new("gpu", 8)]);
        var one = Synthetic.Problem([(pipeline, 900)], [new("cpu", 8)]);

        Assert.Contains(Plan(two).Slots, s => s.Device == 1);
        Assert.True(PlanChange.ShouldReplace(Plan(two), Plan(one with { Previous = Plan(two) }), one));
    }

    [Fact]
    public void ShouldReplace_OtherPolicy_Yes() => Assert.True(PlanChange.ShouldReplace(
        Plan(Problem(50)), new HardwareOnlyPolicy(new BranchAndBoundSolver()).Plan(Problem(50), TestContext.Current.CancellationToken), Problem(50)));
}
