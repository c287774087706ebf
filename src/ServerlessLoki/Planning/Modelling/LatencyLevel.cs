using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>
/// "No batch of this variant takes longer than this": on each device the batch with the most throughput that keeps the
/// promise. It stands for the batch choice y(v, b) of loki.md C2 and makes devices of different speed one decision,
/// since all replicas of a variant share one queue.
/// </summary>
/// <param name="LatencyUs">Time of the slowest device's batch, and of the wait before it where that is planned, microseconds.</param>
/// <param name="Batch">[device] batch size; 0 = the variant does not run there at this level.</param>
/// <param name="SlotQps">[device] rows per second of one slot, its share of the device included; 0 as above.</param>
internal sealed record LatencyLevel(double LatencyUs, ImmutableArray<int> Batch, ImmutableArray<double> SlotQps)
{
    /// <summary>Part of <see cref="LatencyUs"/> that rows may wait; null under the latency rule C5, which keeps it outside.</summary>
    public double? WaitUs { get; init; }

    /// <summary>Rows per second of all replicas together that must stay free to keep the wait.</summary>
    public double ReserveQps { get; init; }

    /// <summary>Replicas needed so that, all busy, one becomes free within the wait; at least 1.</summary>
    public int LeastReplicas { get; init; } = 1;
}
