using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Scenarios;
using ServerlessLoki.Planning.Solving;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

/// <summary>Every policy can be selected for the sample that ships: it plans it, or says what it cannot plan.</summary>
public sealed class TrafficSampleTests
{
    [Theory]
    [InlineData(PlanningPolicies.Loki)]
    [InlineData(PlanningPolicies.HardwareOnly)]
    [InlineData(PlanningPolicies.Ipa)]
    public void Plan_TrafficSample_KeepsEveryConstraintAtAnyLoad(string policy)
    {
        foreach (var demand in new[] { 0.0, 5, 20, 100, 400, 3000 })
        {
            foreach (var fill in new[] { false, true })
            {
                var problem = Problem(demand);
                problem = problem with { Options = problem.Options with { FillLeftover = fill } };

                var plan = PlanningPolicies.Create(policy, new BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken);

                Assert.Empty(PlanChecker.Faults(problem, plan));
                Assert.True(plan.ServedShare[0] > 0, $"{policy} serves nothing of {demand} q/s");
                Assert.All(problem.Pipelines[0].Pipeline.Tasks, t => Assert.Contains(plan.Slots, s => s.Task == t.Index));
            }
        }
    }

    [Theory]
    [InlineData(PlanningPolicies.Proteus)]
    [InlineData(PlanningPolicies.InfAdapter)]
    public void Plan_TrafficSample_RefusedByPoliciesForIndependentModels(string policy)
    {
        var planner = PlanningPolicies.Create(policy, new BranchAndBoundSolver());

        var refusal = Assert.Throws<PlanningRefusedException>(() => planner.Plan(Problem(10), TestContext.Current.CancellationToken));

        Assert.Contains($"policy {policy}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("independent models only", refusal.Message, StringComparison.Ordinal);
    }

    private static PlanningProblem Problem(double demandQps)
    {
        var root = ResearchData.Repository();
        Assert.SkipWhen(root is null, "The tests run outside the repository, which holds the traffic sample.");
        var folder = Path.Combine(root!, "src", "ServerlessLoki.Samples", "traffic");
        var problem = ScenarioReader.Read(
            File.ReadAllText(Path.Combine(folder, "scenario.json")), "scenario.json", f => File.ReadAllText(Path.Combine(folder, f))).Problem;
        return problem with { Pipelines = [problem.Pipelines[0] with { DemandQps = demandQps }] };
    }
}
