using ServerlessLoki.Profiles;

namespace ServerlessLoki.Batching;

/// <summary>
/// The waiting batcher of Proteus as its paper means it (Proteus, adaptive batching): a full batch runs at once; a partial one waits
/// for company until the latest start that still saves its head; a head that only a smaller batch can save gets one.
/// </summary>
/// <remarks>Not work-conserving: an idle slot may wait. <see cref="FixedSizeBatching"/> never waits.</remarks>
internal static class DeadlineBatching
{
    /// <summary>Decides whether an idle slot runs a batch now or waits. Drop hopeless heads first (<see cref="EarlyDrop"/>).</summary>
    /// <param name="queued">Queries waiting; at least 0.</param>
    /// <param name="headLatestFinishUs">Latest end of the head's batch at this stage, microseconds.</param>
    /// <param name="nowUs">Current time, on the same clock.</param>
    /// <param name="maxBatch">Planned batch size; at least 1.</param>
    /// <param name="latency">Batch latency L(b) of the slot's variant on its device.</param>
    /// <returns>Run: the most rows, up to <paramref name="maxBatch"/>, with which the head still finishes in time; all of
    /// them when even a single row would be late, since then only throughput is left to win.</returns>
    public static BatchDecision Decide(int queued, long headLatestFinishUs, long nowUs, int maxBatch, BatchLatency latency)
    {
        ArgumentNullException.ThrowIfNull(latency);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        if (queued <= 0)
            return BatchDecision.Wait(long.MaxValue);
        var all = Math.Min(queued, maxBatch);
        var inTime = LargestInTime(all, headLatestFinishUs - nowUs, latency);
        if (inTime == 0)
            return BatchDecision.Run(all);
        if (inTime < all || queued >= maxBatch)
            return BatchDecision.Run(inTime);
        var latestStartUs = headLatestFinishUs - (long)Math.Ceiling(latency.LatencyUs(all));
        return latestStartUs <= nowUs ? BatchDecision.Run(all) : BatchDecision.Wait(latestStartUs);
    }

    // Latency does not fall with the batch size (BatchLatency makes it so), hence bisection.
    private static int LargestInTime(int size, long availableUs, BatchLatency latency)
    {
        if (latency.LatencyUs(size) <= availableUs)
            return size;
        int fits = 0, fails = size;
        while (fails - fits > 1)
        {
            var middle = (fits + fails) / 2;
            if (latency.LatencyUs(middle) <= availableUs)
                fits = middle;
            else
                fails = middle;
        }

        return fits;
    }
}
