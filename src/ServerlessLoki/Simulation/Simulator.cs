using ServerlessLoki.Planning;
using ServerlessLoki.Simulation.Events;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation;

/// <summary>Discrete-event simulator in virtual time, which uses the host's own decision code for each query. The same problem gives the
/// same result, whatever else runs; memory is bounded by the queries in flight.</summary>
public static class Simulator
{
    /// <summary>Simulates the traffic to its end.</summary>
    /// <exception cref="ArgumentException">There is neither plan nor policy, or a part does not fit the cluster.</exception>
    public static SimulationResult Run(SimulationProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return new Engine(problem).Run(cancellationToken);
    }

    /// <summary>Simulates a fixed plan under given arrivals.</summary>
    /// <param name="problem">Problem that the plan answers; its fan-out counts as the real one.</param>
    /// <param name="plan">Plan, loaded and warm.</param>
    /// <param name="arrivals">Traffic to simulate.</param>
    /// <param name="options">Behaviour of the cluster; null = as in the host.</param>
    /// <param name="cancellationToken">Stops early with an exception.</param>
    public static SimulationResult Estimate(
        PlanningProblem problem, Plan plan, IArrivals arrivals, SimulationOptions? options = null, CancellationToken cancellationToken = default) =>
        Run(new SimulationProblem { Cluster = problem, Plan = plan, Arrivals = arrivals, Options = options ?? new SimulationOptions() }, cancellationToken);
}
