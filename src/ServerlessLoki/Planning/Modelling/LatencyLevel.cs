using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>
/// "No batch of this variant takes longer than this": on each device the batch with the most throughput that keeps the
/// promise. It stands for the batch choice y(v, b) of loki.md C2 and makes devices of different speed one decision,
/// since all replicas of a variant share one queue.
/// </summary>
/// <param name="LatencyUs">Time of the slowest device's batch, microseconds.</param>
/// <param name="Batch">[device] batch size; 0 = the variant does not run there at this level.</param>
/// <param name="SlotQps">[device] rows per second of one slot, its share of the device included; 0 as above.</param>
internal sealed record LatencyLevel(double LatencyUs, ImmutableArray<int> Batch, ImmutableArray<double> SlotQps);
