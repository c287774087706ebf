using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

/// <summary>What was not found before a limit struck is not said to be impossible.</summary>
public sealed class PlanningLimitTests
{
    private const string NotFound = "No plan that serves 400 q/s";
    private const string NoMixFound = "no mix of variants that serves it was found within the limits";

    private static Plan Plan(string policy, ISolver solver, params int[] parents) =>
        PlanningPolicies.Create(policy, solver).Plan(Synthetic.Problem(400, 8, parents), TestContext.Current.CancellationToken);

    [Theory]
    [InlineData("loki", -1, 0)]
    [InlineData("loki", -1, 0, 0)]
    [InlineData("hardware-only", -1, 0)]
    public void Why_LimitBeforeAnything_NothingIsSaidToBeImpossible(string policy, params int[] parents)
    {
        var plan = Plan(policy, new ExhaustedSolver(0), parents);

        Assert.StartsWith(NotFound, plan.Why[0], StringComparison.Ordinal);
        Assert.DoesNotContain(plan.Why, w => w.Contains("exceeds", StringComparison.Ordinal));
        Assert.Equal((0, "limit reached"), (plan.ServedShare[0], plan.Proof.Status));
    }

    [Fact]
    public void Plan_LimitBeforeAnything_UnifiedServesByAPolicyThatNeedsNoSolver()
    {
        var plan = Plan("unified", new ExhaustedSolver(0), -1, 0);

        Assert.StartsWith(NotFound, plan.Why[0], StringComparison.Ordinal);
        Assert.Contains("Published is the plan of infaas", plan.Why[1], StringComparison.Ordinal);
        Assert.DoesNotContain(plan.Why, w => w.Contains("exceeds", StringComparison.Ordinal));
        Assert.Equal(1, plan.ServedShare[0]);
        Assert.NotEqual("optimal", plan.Proof.Status);
    }

    [Fact]
    public void Plan_TimeRanOutAtOnce_AnswersWithWhatIsInHandAndSaysSo()
    {
        var solver = new SlowSolver();

        var plan = new UnifiedPolicy(solver, solver).Plan(Synthetic.Problem(400, 8, -1, 0), TestContext.Current.CancellationToken);

        Assert.Equal((1, "time ran out"), (plan.ServedShare[0], plan.Proof.Status));
        Assert.Contains(plan.Why, w => w.Contains("time ran out", StringComparison.Ordinal));
        Assert.Equal((plan.Accuracy, 1), (plan.Proof.Objective, plan.Proof.Bound));
    }

    [Theory]
    [InlineData("loki", -1, 0)]
    [InlineData("loki", -1, 0, 0)]
    [InlineData("unified", -1, 0)]
    public void Why_LimitInTheSearchForAMix_OnlyWhatIsProvenIsSaid(string policy, params int[] parents)
    {
        var plan = Plan(policy, new ExhaustedSolver(1), parents);

        Assert.StartsWith("Demand 400 q/s exceeds what", plan.Why[0], StringComparison.Ordinal);
        Assert.Contains(NoMixFound, plan.Why[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("loki")]
    [InlineData("unified")]
    public void Why_MoreThanAnyMixCarries_IsSaidToBe(string policy)
    {
        var plan = PlanningPolicies.Create(policy, new BranchAndBoundSolver()).Plan(Synthetic.Problem(1e5, 8, -1, 0), TestContext.Current.CancellationToken);

        Assert.Contains("exceeds what", plan.Why[0], StringComparison.Ordinal);
        Assert.Contains("and what any mix of variants can", plan.Why[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Why_LimitAfterAFirstFit_FewerSlotsAreNotRuledOut()
    {
        var plan = PlanningPolicies.Create("loki", new UnprovenSolver()).Plan(Synthetic.Problem(20, 8, -1, 0), TestContext.Current.CancellationToken);

        Assert.Equal("hardware", plan.Proof.Step);
        Assert.Contains("no plan with fewer was found within the limits", plan.Why[0], StringComparison.Ordinal);
    }

    /// <summary>A solver on its own clock, on which each program takes all of the time that it is given.</summary>
    private sealed class SlowSolver : TimeProvider, ISolver
    {
        private long _now;

        public override long GetTimestamp() => _now;

        public Solution Solve(MixedIntegerProgram program, SolveOptions? options = null, CancellationToken cancellationToken = default)
        {
            _now += (long)(options!.TimeLimit!.Value.TotalSeconds * TimestampFrequency) + 1;
            return new Solution { Status = SolveStatus.Limit };
        }
    }

    /// <summary>Finds the best and does not get to prove it.</summary>
    private sealed class UnprovenSolver : ISolver
    {
        private readonly BranchAndBoundSolver _inner = new();

        public Solution Solve(MixedIntegerProgram program, SolveOptions? options = null, CancellationToken cancellationToken = default)
        {
            var solution = _inner.Solve(program, options, cancellationToken);
            return solution.Status == SolveStatus.Optimal ? solution with { Status = SolveStatus.Feasible } : solution;
        }
    }
}
