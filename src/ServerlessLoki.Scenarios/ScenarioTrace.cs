using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Scenarios;

/// <summary>Traffic of a scenario.</summary>
/// <param name="Name">Name that is unique in the scenario.</param>
/// <param name="Arrivals">Arrivals of the queries of all pipelines.</param>
public sealed record ScenarioTrace(string Name, IArrivals Arrivals);
