using System.Collections.Immutable;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>
/// "No batch of this variant takes longer than this": on each device the batch with the most throughput that keeps the
/// promise. It stands for the batch choice y(v, b) of Loki's batch size per replica and makes devices of different speed one decision,
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

    /// <summary>The level that keeps a latency; its own is 0 where no device can.</summary>
    /// <param name="problem">Devices and the largest batch.</param>
    /// <param name="profiles">[device] of the variant; null where it does not run.</param>
    /// <param name="latencyUs">What no batch may exceed.</param>
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
