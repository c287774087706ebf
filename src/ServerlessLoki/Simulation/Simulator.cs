using ServerlessLoki.Planning;
using ServerlessLoki.Simulation.Events;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation;

/// <summary>
/// Discrete events in virtual time over the brain's own objects: what the host would decide, query by query. The same
/// problem gives the same result, whatever else runs; memory is bounded by the queries in flight.
/// </summary>
public static class Simulator
{
    /// <summary>Runs the traffic to its end.</summary>
    /// <exception cref="ArgumentException">There is neither plan nor policy, or a part does not fit the cluster.</exception>
    public static SimulationResult Run(SimulationProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return new Engine(problem).Run(cancellationToken);
    }

    /// <summary>What a fixed plan would make of given arrivals.</summary>
    /// <param name="problem">The problem that the plan answers; its fan-out is taken for true.</param>
    /// <param name="plan">The plan, loaded and warm.</param>
    /// <param name="arrivals">The traffic.</param>
    /// <param name="options">How the cluster behaves; null = as the host.</param>
    /// <param name="cancellationToken">Stops early with an exception.</param>
    public static SimulationResult Estimate(
        PlanningProblem problem, Plan plan, IArrivals arrivals, SimulationOptions? options = null, CancellationToken cancellationToken = default) =>
        Run(new SimulationProblem { Cluster = problem, Plan = plan, Arrivals = arrivals, Options = options ?? new SimulationOptions() }, cancellationToken);
}
