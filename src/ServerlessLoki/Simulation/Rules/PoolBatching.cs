using ServerlessLoki.Batching;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Simulation.Rules;

/// <summary>How the host sizes a batch: wait only for the batch that the load needs, then take along what the head's deadline allows.</summary>
internal static class PoolBatching
{
    /// <summary>Rows to run now, or 0 to wait until <paramref name="wakeUs"/>.</summary>
    /// <param name="queued">Rows waiting.</param>
    /// <param name="nowUs">Now.</param>
    /// <param name="latestFinishUs">When the head's batch should have ended.</param>
    /// <param name="waitBatch">Batch worth waiting for under the planned load; 1 = run at once.</param>
    /// <param name="maxBatch">Largest batch.</param>
    /// <param name="latency">L(b).</param>
    /// <param name="wakeUs">When to ask again.</param>
    public static int RowsToRun(
        int queued, long nowUs, long latestFinishUs, int waitBatch, int maxBatch, BatchLatency latency, out long wakeUs)
    {
        wakeUs = long.MaxValue;
        var decision = DeadlineBatching.Decide(queued, latestFinishUs, nowUs, waitBatch, latency);
        if (decision.Action == BatchAction.Wait)
        {
            wakeUs = decision.WakeAtUs;
            return 0;
        }

        var full = DeadlineBatching.Decide(queued, latestFinishUs, nowUs, maxBatch, latency);
        return full.Action == BatchAction.Run ? full.Size : Math.Min(queued, maxBatch);
    }

    /// <summary>Smallest batch with which slots still carry their planned load: a batch worth waiting for.</summary>
    public static int BatchNeeded(int replicas, int batch, double loadQps, BatchLatency latency, double slotShare)
    {
        for (var smaller = 1; smaller < batch; smaller++)
        {
            if (replicas * slotShare * latency.ThroughputQps(smaller) >= loadQps)
                return smaller;
        }

        return batch;
    }
}
