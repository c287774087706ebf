using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.Simulation;

namespace ServerlessLoki.Tests.Planning.Policies;

/// <summary>Two tasks of 10 ms each on one device.</summary>
public sealed class TimeSharingTests
{
    [Fact]
    public void Plan_FewerSlotsThanTasks_SaysWhyAndWhatWouldFit()
    {
        var plan = Plan(Cluster(new DeviceType("gpu", 1)));

        Assert.Equal(0, plan.ServedShare[0]);
        Assert.Contains(plan.Why, w => w.StartsWith("2 tasks need a slot each, and there is 1.", StringComparison.Ordinal) && w.Contains("gpu 2 slots of share 0.5 each", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_SlotsTakeTurns_OneDeviceServesBoth()
    {
        var problem = Cluster(new DeviceType("gpu", 2, 0.5));
        var plan = Plan(problem);

        Assert.Equal(1, plan.ServedShare[0], 9);
        Assert.DoesNotContain(plan.Why, w => w.Contains("need a slot", StringComparison.Ordinal));
        // 20 queries per second keep the device busy for 40 % of the time; it never runs two batches at once.
        var result = Simulator.Run(new SimulationProblem
        {
            Cluster = problem, Plan = plan, Arrivals = Arrivals.Poisson(20, TimeSpan.FromSeconds(60)), Options = SimulationOptions.EmbeddedHost,
        });
        Assert.InRange((double)result.Total.OnTime / result.Total.Arrivals, 0.98, 1);
    }

    private static PlanningProblem Cluster(DeviceType device)
    {
        var problem = SimCases.Cluster([SimCases.Chain("a", 200, 2, 1)], device, SimCases.Row("a00", 1, 10, "gpu"), SimCases.Row("a10", 1, 10, "gpu"));
        return problem with { Pipelines = [problem.Pipelines[0] with { DemandQps = 20 }] };
    }

    private static Plan Plan(PlanningProblem problem) =>
        PlanningPolicies.Create(PlanningPolicies.Unified, new BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken);
}
