using ServerlessLoki.Control;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.Unified;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class BurstRowsTests
{
    private const double MissedShare = 0.005;

    [Fact]
    public void Next_HeadroomThatFailed_IsNotGivenBackBelowIt()
    {
        var problem = Synthetic.Problem(100, 12, -1);
        var plan = Plan(problem);
        double[] rows = [.. BurstRows.Rule(problem.Pipelines[0]).Select(r => 0.6 * r)];
        double[] floors = [0];
        BurstRows.Failed(problem, rows, floors, 0);
        Assert.Equal(0.69, floors[0], 1e-9);

        // A step of 15 % from 0.84 would end just above, one from 0.8 below.
        double Next(double share) => BurstRows.Next(problem, plan with { PolicyState = State(problem, share) }, [0], MissedShare, floors).Rows[0][0] / BurstRows.Rule(problem.Pipelines[0])[0];
        Assert.Equal(0.714, Next(0.84), 1e-9);
        Assert.Equal(0.8, Next(0.8), 1e-9);
        Assert.Equal(0.5 * 0.85, BurstRows.Next(problem, plan with { PolicyState = State(problem, 0.5) }, [0], MissedShare, [0]).Rows[0][0] / BurstRows.Rule(problem.Pipelines[0])[0], 1e-9);
    }

    [Fact]
    public void Floors_AreForgottenSlowlyAndWithAnotherDemand()
    {
        var problem = Synthetic.Problem(100, 12, -1);
        problem = problem with { Previous = Plan(problem) with { PolicyState = State(problem, 1) with { Floors = [0.8] } } };
        Assert.Equal([0.8], BurstRows.Floors(problem));
        var seen = problem with { Recent = new ArrivalWindow(0, 1_000_000, [new Arrival(1)]) };
        Assert.InRange(BurstRows.Floors(seen)[0], 0.79, 0.7999);
        Assert.Equal([0.0], BurstRows.Floors(seen with { Pipelines = [seen.Pipelines[0] with { DemandQps = 200 }] }));
    }

    [Fact]
    public void ShouldReplace_PolicyFoundThatSlotsInForceFail_DoesSoWhateverTheyCost()
    {
        var problem = Synthetic.Problem(100, 12, -1);
        var current = Plan(problem);
        var dearer = current with { Slots = [current.Slots[0] with { Replicas = current.Slots[0].Replicas + 1 }, .. current.Slots[1..]], PolicyState = State(problem, 1) };
        Assert.False(PlanChange.ShouldReplace(current, dearer, problem));
        Assert.True(PlanChange.ShouldReplace(current, dearer with { PolicyState = State(problem, 1) with { PreviousFails = true } }, problem));
    }

    private static HeadroomState State(PlanningProblem problem, double share) => new([[.. BurstRows.Rule(problem.Pipelines[0]).Select(r => r * share)]]);

    private static Plan Plan(PlanningProblem problem) => new UnifiedPolicy(new BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken);
}
