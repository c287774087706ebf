using System.Collections.Immutable;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Planning;

/// <summary>Everything a policy may look at when it plans; one shape for every policy.</summary>
public sealed record PlanningProblem
{
    /// <summary>The pipelines that share the cluster, with their demand.</summary>
    public required ImmutableArray<PipelineDemand> Pipelines { get; init; }

    /// <summary>Device types with counts and prices.</summary>
    public required ImmutableArray<DeviceType> Devices { get; init; }

    /// <summary>Measured latencies; already scaled by the slow-down seen online where the host measures one.</summary>
    public required LatencyProfile Profile { get; init; }

    /// <summary>The plan in force; null at the start.</summary>
    public Plan? Previous { get; init; }

    /// <summary>Head-room, latency split and the like.</summary>
    public PlanningOptions Options { get; init; } = new();
}
