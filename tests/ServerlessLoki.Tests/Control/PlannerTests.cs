using System.Collections.Immutable;
using ServerlessLoki.Control;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Control;

public class PlannerTests
{
    private static readonly LokiPolicy Policy = new(new BranchAndBoundSolver());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Step_First_AppliesWithoutAPrevious()
    {
        var decision = Step(PlannerState.None, Problem(20, 6), 5);
        Assert.Equal((PlanAction.Apply, 1), (decision.Action, decision.Plan.Version));
        Assert.Same(decision.Plan, decision.Next.Plan);
        Assert.Equal((5, 6), (decision.Next.Solved!.AtUs, decision.Next.Solved.Slots[0]));
    }

    [Fact]
    public void Step_SameProblemSoon_KeepsWithoutAskingThePolicy()
    {
        var asked = new Asked();
        var planner = new Planner(asked);
        var state = planner.Step(PlannerState.None, new PlanObservation(Problem(20, 6)), 0, Token).Next;
        var kept = planner.Step(state, new PlanObservation(Problem(20.3, 6)) { Recent = () => throw new InvalidOperationException() }, 2_999_999, Token);
        Assert.Equal((PlanAction.Keep, 1), (kept.Action, asked.Times));
        Assert.Same(state, kept.Next);
        Assert.Equal(PlanAction.Refresh, planner.Step(state, new PlanObservation(Problem(20.3, 6)), 3_000_000, Token).Action);
        Assert.Equal(2, asked.Times);
    }

    [Fact]
    public void Step_SettledWithoutArrivals_KeepsForAsLongAsNothingChanges()
    {
        var asked = new Asked();
        var planner = new Planner(asked);
        var problem = Problem(0, 6);
        var state = planner.Step(PlannerState.None, new PlanObservation(problem), 0, Token).Next;
        // The first answer may depend on there being no plan before it: it is asked for once more.
        state = At(3, problem, PlanAction.Refresh).Next;
        Assert.Equal(2, asked.Times);
        foreach (var second in (long[])[6, 600, 86_400])
            Assert.Same(state, At(second, problem, PlanAction.Keep).Next);
        At(90_000, problem with { Pipelines = [problem.Pipelines[0] with { DemandQps = 0.009 }] }, PlanAction.Keep);
        Assert.Equal(2, asked.Times);

        var pipeline = problem.Pipelines[0].Pipeline;
        foreach (var changed in (PlanningProblem[])
        [
            problem with { Pipelines = [problem.Pipelines[0] with { DemandQps = 0.02 }] },
            problem with { Pipelines = [problem.Pipelines[0] with { FanOut = new FanOut([.. pipeline.Edges.Select(e => pipeline.Tasks[e.From].Variants.Select(_ => 3.0).ToImmutableArray())]) }] },
            problem with { Profile = problem.Profile.Scale((_, _) => 1.1) },
            problem with { Headroom = 1.2 },
            problem with { ServiceSpread = 0.1 },
            problem with { LoadTime = TimeSpan.FromSeconds(9) },
            problem with { HopTime = TimeSpan.FromMilliseconds(2) },
            problem with { Devices = [problem.Devices[0] with { Slots = 7 }] },
            problem with { Options = problem.Options with { Utilization = 0.5 } },
        ])
        {
            var times = asked.Times;
            planner.Step(state, new PlanObservation(changed), 100_000_000_000, Token);
            Assert.Equal(times + 1, asked.Times);
        }

        // Equal in value is the same.
        At(100_000, problem with { Profile = new LatencyProfile(problem.Profile.Rows), Devices = [.. problem.Devices.ToArray()] }, PlanAction.Keep);
        var arrivals = new ArrivalWindow(0, 1, [new Arrival(1)]);
        var before = asked.Times;
        planner.Step(state, new PlanObservation(problem) { Recent = () => arrivals }, 100_000_000_000, Token);
        Assert.Equal(before + 1, asked.Times);

        PlanDecision At(long second, PlanningProblem now, PlanAction expected)
        {
            var decision = planner.Step(state, new PlanObservation(now), second * 1_000_000, Token);
            Assert.Equal(expected, decision.Action);
            return decision;
        }
    }

    [Theory]
    [InlineData(20, 5, false, PlanAction.Apply)] // A slot died.
    [InlineData(20, 7, false, PlanAction.Refresh)] // One came: a better plan may be there, and is not.
    [InlineData(20, 6, true, PlanAction.Apply)]
    [InlineData(40, 6, false, PlanAction.Apply)]
    public void Step_Changed_AsksThePolicy(double qps, int slots, bool mustReplace, PlanAction expected)
    {
        var state = Step(PlannerState.None, Problem(20, 6), 0).Next;
        var decision = new Planner(Policy).Step(state, new PlanObservation(Problem(qps, slots)) { MustReplace = mustReplace }, 1, Token);
        Assert.Equal(expected, decision.Action);
        Assert.Equal(expected == PlanAction.Apply ? 2 : 1, decision.Plan.Version);
        Assert.Equal(slots, decision.Next.Solved!.Slots[0]);
    }

    [Fact]
    public void Step_MarkFromTheFuture_IsNotTrusted()
    {
        var state = Step(PlannerState.None, Problem(20, 6), 10).Next;
        Assert.Equal(PlanAction.Refresh, Step(state, Problem(20, 6), 9).Action);
    }

    [Fact]
    public void HasLostSlot_FewerThanPlannedWith_Only()
    {
        var problem = Problem(20, 6);
        var state = Step(PlannerState.None, problem, 0).Next;
        Assert.True(Planner.HasLostSlot(state, Problem(20, 5).Devices));
        Assert.False(Planner.HasLostSlot(state, problem.Devices));
        Assert.False(Planner.HasLostSlot(state, Problem(20, 7).Devices));
        Assert.False(Planner.HasLostSlot(PlannerState.None, problem.Devices));
        // Before the policy was asked, a plan that was given counts.
        Assert.True(Planner.HasLostSlot(new PlannerState { Plan = state.Plan, Problem = problem }, Problem(20, 5).Devices));
    }

    [Fact]
    public void Step_Pinned_IsAppliedOnceAndThenFollowsTheMachine()
    {
        var state = Step(PlannerState.None, Problem(20, 6), 0).Next;
        var pinned = state.Plan! with { Policy = "pinned", Slots = [state.Plan.Slots[0] with { Replicas = 1 }] };
        var planner = new Planner(null);
        var first = planner.Step(state, new PlanObservation(Problem(30, 6)) { Forced = pinned }, 1, Token);
        Assert.Equal((PlanAction.Apply, 2, false), (first.Action, first.Plan.Version, first.ScalesAccuracy));
        var slower = Problem(30, 6) with { Headroom = 2 };
        var second = planner.Step(first.Next, new PlanObservation(slower) { Forced = pinned }, 2, Token);
        Assert.Equal((PlanAction.Refresh, 2.0, 30.0), (second.Action, second.Problem.Headroom, second.Problem.Pipelines[0].DemandQps));
        Assert.Equal(2, second.Plan.Version);
    }

    [Fact]
    public void Step_NeitherPolicyNorPin_SaysSo() =>
        Assert.Throws<InvalidOperationException>(() => new Planner(null).Step(PlannerState.None, new PlanObservation(Problem(20, 6)), 0, Token));

    [Fact]
    public void Unapplied_PlanStaysAndThePolicyCountsAsAsked()
    {
        var state = Step(PlannerState.None, Problem(20, 6), 0).Next;
        var next = Step(state, Problem(40, 6), 7).Next;
        var kept = state.Unapplied(next);
        Assert.Same(state.Plan, kept.Plan);
        Assert.Equal(7, kept.Solved!.AtUs);
    }

    [Fact]
    public void Step_IgnoresPrevious_PolicySeesNone()
    {
        var asked = new Asked();
        var planner = new Planner(asked);
        var state = planner.Step(PlannerState.None, new PlanObservation(Problem(20, 6)), 0, Token).Next;
        planner.Step(state, new PlanObservation(Problem(40, 6)), 1, Token);
        Assert.Same(state.Plan, asked.Last!.Previous);
        planner.Step(state, new PlanObservation(Problem(40, 6)) { IgnoresPrevious = true }, 2, Token);
        Assert.Null(asked.Last.Previous);
    }

    private static PlanningProblem Problem(double qps, int slots) => Synthetic.Problem(qps, slots, -1, 0);

    private static PlanDecision Step(PlannerState state, PlanningProblem problem, long nowUs) =>
        new Planner(Policy).Step(state, new PlanObservation(problem), nowUs, Token);

    private sealed class Asked : IPlanningPolicy
    {
        public int Times { get; private set; }

        public PlanningProblem? Last { get; private set; }

        public string Name => Policy.Name;

        public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
        {
            (Times, Last) = (Times + 1, problem);
            return Policy.Plan(problem, cancellationToken);
        }
    }
}
