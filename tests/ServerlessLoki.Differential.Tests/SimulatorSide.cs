using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Differential.Tests;

/// <summary>The simulator, set as a host, under a plan that stays.</summary>
internal static class SimulatorSide
{
    public static Journal Run(Scene scene, SimulationOptions host, CancellationToken cancellationToken, Func<SimulationOptions, SimulationOptions>? change = null)
    {
        var options = host with { Seed = Scenes.Seed, Parallelism = scene.Threads, FollowSlowdown = false };
        var journal = new Journal(scene);
        Simulator.Run(
            new SimulationProblem
            {
                Cluster = scene.Problem,
                Plan = scene.Plan,
                TrueFanOut = scene.Children,
                TrueProfile = scene.Truth,
                Arrivals = new RecordedArrivals(scene.Arrivals),
                Options = change?.Invoke(options) ?? options,
                OnDecision = journal.Add,
                OnQuery = (in QueryRecord query) => journal.End(query.Sequence, How(query)),
            },
            cancellationToken);
        return journal;
    }

    private static string How(in QueryRecord query) => query.Outcome switch
    {
        SimulatedOutcome.OnTime => $"answered at {query.EndUs:N0} µs with accuracy {query.Accuracy:0.000000}",
        SimulatedOutcome.Rejected => "refused",
        _ => "expired",
    };
}
