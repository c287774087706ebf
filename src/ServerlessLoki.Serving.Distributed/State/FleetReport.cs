using System.Collections.Immutable;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Status of the planner's fleet, published for all instances: document <see cref="Name"/>.</summary>
/// <param name="Devices">Status by device type.</param>
internal sealed record FleetReport(ImmutableArray<FleetStatus> Devices)
{
    /// <summary>Name of the document.</summary>
    public const string Name = "fleet";
}
