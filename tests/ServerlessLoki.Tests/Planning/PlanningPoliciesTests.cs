using ServerlessLoki.Planning;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning;

public sealed class PlanningPoliciesTests
{
    [Fact]
    public void Create_UnknownPolicy_ListsTheKnownOnes()
    {
        var refused = Assert.Throws<ArgumentException>(() => PlanningPolicies.Create("lokki", new BranchAndBoundSolver()));

        Assert.Contains("did you mean \"loki\"?", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_KnownPolicy_HasThatName() =>
        Assert.All(PlanningPolicies.KnownNames, n => Assert.Equal(n, PlanningPolicies.Create(n, new BranchAndBoundSolver()).Name));

    [Fact]
    public void BuiltIn_EveryPolicy_OneLineThatFitsATerminal()
    {
        Assert.Equal(PlanningPolicies.KnownNames, PlanningPolicies.BuiltIn.Select(n => n.Name));
        Assert.All(PlanningPolicies.BuiltIn, n => Assert.InRange(n.Summary.Length, 20, 100));
        Assert.All(PlanningPolicies.BuiltIn, n => Assert.False(n.Summary.EndsWith('.') || n.Summary.Contains('\n', StringComparison.Ordinal), n.Summary));
    }

    [Theory]
    [MemberData(nameof(PoliciesAndLoads))]
    public void Plan_OneModelAtAnyLoad_ValidPlanThatServesAllOrAllItCan(string policy, double demandQps)
    {
        var problem = Synthetic.Problem([(Synthetic.Pipeline("p", 200, [-1], 3), demandQps)], [new("cpu", 6)]);

        var plan = PlanningPolicies.Create(policy, new BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken);

        Assert.Empty(PlanChecker.Faults(problem, plan));
        Assert.Equal(policy, plan.Policy);
        Assert.NotEmpty(plan.Why);
        Assert.Equal(demandQps < 100, plan.ServedShare[0] == 1);
        Assert.NotEqual(0, plan.ServedShare[0]);
    }

    public static TheoryData<string, double> PoliciesAndLoads() =>
        new(from name in PlanningPolicies.KnownNames from load in new[] { 0.0, 20, 1e5 } select (name, load));
}
