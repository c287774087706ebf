using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Tests.Planning;

public sealed class PolicyRegistryTests
{
    private static readonly PolicyEntry Own = new("own", "loki under another name", (s, c) => new Renamed("own", new LokiPolicy(s, c)));

    [Fact]
    public void With_OwnPolicy_IsNamedBesideTheBuiltInOnes()
    {
        var known = PolicyRegistry.Default.With(Own);

        Assert.Equal([.. PlanningPolicies.KnownNames.Append("own").Order(StringComparer.Ordinal)], known.Names);
        Assert.IsType<Renamed>(known.Create("own", new BranchAndBoundSolver()));
        Assert.Equal("unified", known.Create("unified", new BranchAndBoundSolver()).Name);
        Assert.DoesNotContain("own", PolicyRegistry.Default.Names);
    }

    [Theory]
    [InlineData("unified", "Two policies are named \"unified\"")]
    [InlineData(" ", "whitespace")]
    public void With_NameTakenOrBlank_IsRefused(string name, string message) =>
        Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(() => PolicyRegistry.Default.With(Own with { Name = name })).Message, StringComparison.Ordinal);

    [Fact]
    public void Create_PolicyWithAnotherName_IsRefused()
    {
        var known = PolicyRegistry.Default.With(Own with { Name = "mine" });

        var refused = Assert.Throws<ArgumentException>(() => known.Create("mine", new BranchAndBoundSolver()));

        Assert.Contains("registered as \"mine\" has the name \"own\"", refused.Message, StringComparison.Ordinal);
    }

    private sealed class Renamed(string name, IPlanningPolicy inner) : IPlanningPolicy
    {
        public string Name => name;

        public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default) => inner.Plan(problem, cancellationToken) with { Policy = name };
    }
}
