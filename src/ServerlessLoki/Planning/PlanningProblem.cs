using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Planning;

/// <summary>Input of every policy: all that it may read when it plans.</summary>
public sealed record PlanningProblem
{
    /// <summary>The pipelines that share the cluster, with their demand.</summary>
    public required ImmutableArray<PipelineDemand> Pipelines { get; init; }

    /// <summary>Device types with counts and prices.</summary>
    public required ImmutableArray<DeviceType> Devices { get; init; }

    /// <summary>Latencies to plan by; already scaled by the slow-down seen online where the host measures one, and by
    /// <see cref="Headroom"/>.</summary>
    public required LatencyProfile Profile { get; init; }

    /// <summary>Head-room that <see cref="Profile"/> contains on top of the real batch times, as a factor; at least 1.</summary>
    public double Headroom { get; init; } = 1;

    /// <summary>Standard deviation of the logarithm of batch times over what <see cref="Profile"/> expects, as measured; null = not measured.</summary>
    public double? ServiceSpread { get; init; }

    /// <summary>How replicas scale with cores and how long variants load; null = a replica is one slot.</summary>
    public CoreProfile? Cores { get; init; }

    /// <summary>The plan in force; null at the start.</summary>
    public Plan? Previous { get; init; }

    /// <summary>Recent arrivals, as far back as <see cref="IPlanningPolicy.History"/> asks, or a sample trace for the first plan; null = no
    /// arrivals are kept.</summary>
    public ArrivalWindow? Recent { get; init; }

    /// <summary>Time that a slot needs to load and warm a variant, as measured; zero = at once, or not known.</summary>
    public TimeSpan LoadTime { get; init; }

    /// <summary>Time from the ingress, or from a task's end, to the next task's queue; zero = none, or not known. Rehearsals of plans take it; plans leave
    /// it to the part of the objective that they never use.</summary>
    public TimeSpan HopTime { get; init; }

    /// <summary>Memory of variants by name, MiB, where it was measured and the pipeline file does not say it (<see cref="Pipelines.Variant.MemoryMiB"/>).</summary>
    public ImmutableDictionary<string, double> MeasuredMemoryMiB { get; init; } = ImmutableDictionary<string, double>.Empty;

    /// <summary>Options of the plan, such as head-room and the split of latency.</summary>
    public PlanningOptions Options { get; init; } = new();

    /// <summary>Returns the expected batch latency without head-room; null where the variant was not profiled. Batches and deadlines use
    /// it, so that an admitted query is given up only where it cannot be answered in time.</summary>
    /// <remarks>Waiting work is nevertheless counted with head-room: a query refused at the ingress costs nothing while the cores are busy,
    /// whereas queues that reach up to the deadline make the work on their queries useless.</remarks>
    /// <param name="variant">Variant name.</param>
    /// <param name="device">Name of the device type.</param>
    public BatchLatency? Expected(string variant, string device) => Profile.Find(variant, device)?.Scale(1 / Headroom);

    /// <summary>Computes the rows per second of one replica.</summary>
    /// <param name="variant">Variant name.</param>
    /// <param name="device">Device type that the replica runs on.</param>
    /// <param name="latency">Batch latency of the variant on this device.</param>
    /// <param name="batch">Batch size, at least 1.</param>
    /// <param name="cores">Cores of the replica; null = one slot, as profiled.</param>
    internal double ReplicaQps(string variant, DeviceType device, BatchLatency latency, int batch, int? cores) =>
        cores is { } n && Cores?.CapacityQps.TryGetValue(variant, out var capacity) == true && n < capacity.Length
            ? capacity[n]
            : device.SlotShare * latency.ThroughputQps(batch);
}
