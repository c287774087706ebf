using ServerlessLoki.Profiles;

namespace ServerlessLoki.Routing;

/// <summary>How much compute time waits on a device: whole nanoseconds, so that sums do not depend on their order.</summary>
public static class WaitingWork
{
    /// <summary>Compute time that one queued row stands for, nanoseconds.</summary>
    /// <param name="latency">L(b).</param>
    /// <param name="batch">Rows of a planned batch; at least 1.</param>
    /// <param name="belowUs">Compute time of the children that it is expected to have, microseconds.</param>
    /// <param name="share">Part of the queue that this device serves, 0..1.</param>
    public static long RowNs(BatchLatency latency, int batch, double belowUs, double share = 1)
    {
        ArgumentNullException.ThrowIfNull(latency);
        return (long)(((latency.LatencyUs(batch) / batch) + belowUs) * share * 1000);
    }

    /// <summary>What is left of a batch in hand, and what its rows will cost in the stages after it, nanoseconds.</summary>
    /// <param name="latency">L(b).</param>
    /// <param name="sinceUs">When it began.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="belowNs">Compute time of the children that a row is expected to have, nanoseconds.</param>
    /// <param name="nowUs">Now.</param>
    public static long InHandNs(BatchLatency latency, long sinceUs, int rows, long belowNs, long nowUs)
    {
        ArgumentNullException.ThrowIfNull(latency);
        return Math.Max(0, (long)((sinceUs + latency.LatencyUs(rows) - nowUs) * 1000)) + (rows * belowNs);
    }

    /// <summary>Time until the work is done, microseconds.</summary>
    /// <param name="workNs">All of it, as expected.</param>
    /// <param name="drift">How much longer batches take than expected, see <see cref="Drift"/>.</param>
    /// <param name="threads">Batches that compute at the same time.</param>
    public static double Us(long workNs, double drift, int threads) => workNs * drift / (1000.0 * threads);
}
