using System.Collections.Immutable;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>What the planner's fleet says, for the status of all instances: document <see cref="Name"/>.</summary>
/// <param name="Devices">By device.</param>
internal sealed record FleetReport(ImmutableArray<FleetStatus> Devices)
{
    /// <summary>Name of the document.</summary>
    public const string Name = "fleet";
}
