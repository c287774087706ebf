using ServerlessLoki.Profiles;

namespace ServerlessLoki.Batching;

/// <summary>Batch sizes of all slots of one variant. A slot waits only for the batch that the load needs, and no longer than that batch
/// takes; then it takes all rows that the head's deadline allows.</summary>
public static class PoolBatching
{
    /// <summary>Decides how many rows an idle slot runs now.</summary>
    /// <param name="queued">Rows waiting.</param>
    /// <param name="nowUs">Current time, microseconds.</param>
    /// <param name="latestFinishUs">Latest end of the head's batch, microseconds, see <see cref="Routing.StageBudgets"/>.</param>
    /// <param name="waitBatch">Batch worth waiting for under the planned load, see <see cref="BatchNeeded"/>; 1 = run at once.</param>
    /// <param name="maxBatch">Largest batch, rows.</param>
    /// <param name="latency">Batch latency L(b) of the variant.</param>
    /// <param name="waitingSinceUs">Time since which rows wait for further rows, microseconds; null while none do. Kept by the caller
    /// between two decisions.</param>
    /// <param name="wakeUs">Time to ask again, microseconds; <see cref="long.MaxValue"/> = only on arrival.</param>
    /// <returns>Rows to run now, from the head; 0 to wait until <paramref name="wakeUs"/>.</returns>
    public static int RowsToRun(
        int queued, long nowUs, long latestFinishUs, int waitBatch, int maxBatch, BatchLatency latency, ref long? waitingSinceUs, out long wakeUs)
    {
        ArgumentNullException.ThrowIfNull(latency);
        wakeUs = long.MaxValue;
        var decision = DeadlineBatching.Decide(queued, latestFinishUs, nowUs, waitBatch, latency);
        if (decision.Action == BatchAction.Wait)
        {
            if (queued == 0)
                return 0;
            // A stage queues no longer than it processes (Loki, latency constraint), however far the deadline is, or if there is none.
            waitingSinceUs ??= nowUs;
            wakeUs = Math.Min(decision.WakeAtUs, waitingSinceUs.Value + (long)latency.LatencyUs(waitBatch));
            if (wakeUs > nowUs)
                return 0;
        }

        waitingSinceUs = null;
        var full = DeadlineBatching.Decide(queued, latestFinishUs, nowUs, maxBatch, latency);
        return full.Action == BatchAction.Run ? full.Size : Math.Min(queued, maxBatch);
    }

    /// <summary>Smallest batch with which replicas still carry their planned load: a batch worth waiting for.</summary>
    /// <param name="replicas">Slots that run the variant.</param>
    /// <param name="batch">Planned batch size, rows.</param>
    /// <param name="loadQps">Planned rows per second.</param>
    /// <param name="latency">Batch latency L(b) of the variant.</param>
    /// <param name="slotShare">Share of a device that a slot has, 0..1.</param>
    public static int BatchNeeded(int replicas, int batch, double loadQps, BatchLatency latency, double slotShare)
    {
        ArgumentNullException.ThrowIfNull(latency);
        for (var smaller = 1; smaller < batch; smaller++)
        {
            if (replicas * slotShare * latency.ThroughputQps(smaller) >= loadQps)
                return smaller;
        }

        return batch;
    }
}
