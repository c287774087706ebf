using System.Collections.Immutable;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>
/// "No batch of this variant takes longer than this": on each device the batch with the most throughput that keeps the
/// promise. It stands for the batch choice y(v, b) of Loki's batch size per replica and makes devices of different speed one decision,
/// since all replicas of a variant share one queue.
/// </summary>
/// <param name="LatencyUs">Time of the slowest device's batch, plus the wait before it where waits are planned, microseconds.</param>
/// <param name="Batch">[device] batch size; 0 = the variant does not run there at this level.</param>
/// <param name="SlotQps">[device] rows per second of one slot, its share of the device included; 0 = the variant does not run there at this
/// level.</param>
internal sealed record LatencyLevel(double LatencyUs, ImmutableArray<int> Batch, ImmutableArray<double> SlotQps)
{
    /// <summary>Longest wait of a row, a part of <see cref="LatencyUs"/>, microseconds; null under the latency rule C5, where the latency
    /// does not include it.</summary>
    public double? WaitUs { get; init; }

    /// <summary>Capacity of all replicas together that must stay free to keep the wait, rows per second.</summary>
    public double ReserveQps { get; init; }

    /// <summary>Fewest replicas with which, all of them busy, one becomes free within the wait; at least 1.</summary>
    public int LeastReplicas { get; init; } = 1;

    /// <summary>Makes the level for a given latency limit; its latency is 0 where no device can keep the limit.</summary>
    /// <param name="problem">Devices and the largest batch.</param>
    /// <param name="profiles">Latency of the variant by device; null where it does not run.</param>
    /// <param name="latencyUs">Longest time of a batch, microseconds.</param>
    public static LatencyLevel Within(PlanningProblem problem, BatchLatency?[] profiles, double latencyUs)
    {
        var batch = new int[profiles.Length];
        var qps = new double[profiles.Length];
        var slowest = 0.0;
        for (var d = 0; d < profiles.Length; d++)
        {
            if (profiles[d] is not { } profile)
                continue;
            foreach (var b in profile.Batches)
            {
                var rate = profile.ThroughputQps(b) * problem.Devices[d].SlotShare;
                if (b <= (problem.Options.MaxBatch ?? int.MaxValue) && profile.LatencyUs(b) <= latencyUs && rate > qps[d] * (1 + 1e-12))
                    (batch[d], qps[d]) = (b, rate);
            }

            if (batch[d] > 0)
                slowest = Math.Max(slowest, profile.LatencyUs(batch[d]));
        }

        return new LatencyLevel(slowest, [.. batch], [.. qps]);
    }
}
