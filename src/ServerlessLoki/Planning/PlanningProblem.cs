using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Planning;

/// <summary>Everything a policy may look at when it plans; one shape for every policy.</summary>
public sealed record PlanningProblem
{
    /// <summary>The pipelines that share the cluster, with their demand.</summary>
    public required ImmutableArray<PipelineDemand> Pipelines { get; init; }

    /// <summary>Device types with counts and prices.</summary>
    public required ImmutableArray<DeviceType> Devices { get; init; }

    /// <summary>Latencies to plan by; already scaled by the slow-down seen online where the host measures one, and by
    /// <see cref="Headroom"/>.</summary>
    public required LatencyProfile Profile { get; init; }

    /// <summary>What <see cref="Profile"/> holds on top of what batches really take, as a factor; at least 1.</summary>
    public double Headroom { get; init; } = 1;

    /// <summary>Standard deviation of the logarithm of batch times over what <see cref="Profile"/> expects, as measured; null = not measured.</summary>
    public double? ServiceSpread { get; init; }

    /// <summary>How replicas scale with cores and how long variants load; null = a replica is one slot.</summary>
    public CoreProfile? Cores { get; init; }

    /// <summary>The plan in force; null at the start.</summary>
    public Plan? Previous { get; init; }

    /// <summary>Arrivals seen lately, as far back as <see cref="IPlanningPolicy.History"/> asks, or a sample trace to make the first
    /// plan by; null = not kept.</summary>
    public ArrivalWindow? Recent { get; init; }

    /// <summary>How long a slot loads and warms a variant before it serves, as measured; zero = at once, or not known.</summary>
    public TimeSpan LoadTime { get; init; }

    /// <summary>Head-room, latency split and the like.</summary>
    public PlanningOptions Options { get; init; } = new();

    /// <summary>What batches really take, without head-room: batches and deadlines go by it, so that a query that was taken is given up only
    /// where it cannot be answered in time. Null where the variant was not profiled.</summary>
    /// <remarks>The work that waits is counted with head-room all the same, since a query refused at the door costs nothing while the
    /// cores are busy, and queues that reach up to the deadline cost all that is worked on in vain.</remarks>
    /// <param name="variant">Variant name.</param>
    /// <param name="device">Where it runs.</param>
    public BatchLatency? Expected(string variant, string device) => Profile.Find(variant, device)?.Scale(1 / Headroom);

    /// <summary>Rows per second of one replica.</summary>
    /// <param name="variant">Variant name.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="latency">Its profile there.</param>
    /// <param name="batch">Batch size, at least 1.</param>
    /// <param name="cores">Cores of the replica; null = one slot, as profiled.</param>
    internal double ReplicaQps(string variant, DeviceType device, BatchLatency latency, int batch, int? cores) =>
        cores is { } n && Cores?.CapacityQps.TryGetValue(variant, out var capacity) == true && n < capacity.Length
            ? capacity[n]
            : device.SlotShare * latency.ThroughputQps(batch);
}
