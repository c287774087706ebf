using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>Loki's own set-up, planned every second on simulated traffic (Loki, evaluation).</summary>
public sealed class PublishedSetupTests
{
    [Fact]
    public void Run_LokiSetUpBeyondTheHardwaresLimit_AccuracyScalingServesWhatHardwareScalingSheds()
    {
        // Up to 400 queries/s, twice what the most accurate variants can carry (Loki, traffic analysis on its public profiles: 190.6).
        var problem = LokiInstance.Problem(100, corrected: true);
        problem = problem with { Options = problem.Options with { Utilization = 0.9, RelativeGap = 1e-3, NodeLimit = 500 } };
        SimulationResult Run(IPlanningPolicy policy) => Simulator.Run(new SimulationProblem
        {
            Cluster = problem, Policy = policy, Arrivals = Arrivals.Diurnal(50, 400, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60)),
        });

        var loki = Run(new LokiPolicy(new BranchAndBoundSolver()));
        var hardware = Run(new HardwareOnlyPolicy(new BranchAndBoundSolver()));

        Assert.InRange(loki.Total.Violation, 0, hardware.Total.Violation / 3);
        Assert.InRange(loki.Total.EffectiveAccuracy, 0.9, 0.999);
        Assert.Equal(0.996, hardware.Total.EffectiveAccuracy, 0.01);
        Assert.InRange(loki.ServersUsed, 8, 18.5);
    }
}
