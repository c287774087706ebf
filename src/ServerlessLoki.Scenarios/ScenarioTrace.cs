using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Scenarios;

/// <summary>Traffic of a scenario.</summary>
/// <param name="Name">Unique in the scenario.</param>
/// <param name="Arrivals">The queries of all pipelines.</param>
public sealed record ScenarioTrace(string Name, IArrivals Arrivals);
