using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.Simulation;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class PredictedLatencyTests
{
    // One row takes 10 ms; the rule of equal queueing says 20 of the 18 ms that a query has.
    private static readonly PlanningProblem Tight = SimCases.Cluster(
        [SimCases.Chain("a", 18, 1)], new DeviceType("d", 12), SimCases.Row("a00", 1, 10)) is var cluster
        ? cluster with { Pipelines = [cluster.Pipelines[0] with { DemandQps = 200 }] } : cluster;

    [Fact]
    public void Unified_PlannedWaits_ArePartOfThePrediction()
    {
        var plan = PlanningPolicies.Create(PlanningPolicies.Unified, new BranchAndBoundSolver()).Plan(Tight);

        var wait = Assert.Single(plan.Slots).WaitUs;
        Assert.NotNull(wait);
        Assert.Equal(10_000 + wait.Value, plan.PredictedP99Us[0], 1e-6);
        Assert.InRange(plan.PredictedP99Us[0], 10_000, 18_000);
    }

    [Fact]
    public void Loki_NoPlannedWaits_AsMuchQueueingAsProcessing()
    {
        var problem = Tight with { Pipelines = [Tight.Pipelines[0] with { Pipeline = SimCases.Chain("a", 40, 1) }] };

        Assert.Equal(20_000, PlanningPolicies.Create(PlanningPolicies.Loki, new BranchAndBoundSolver()).Plan(problem).PredictedP99Us[0], 1e-6);
    }
}
