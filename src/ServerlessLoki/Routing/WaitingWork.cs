using ServerlessLoki.Profiles;

namespace ServerlessLoki.Routing;

/// <summary>Compute time that waits on a device, in whole nanoseconds so that sums do not depend on their order.</summary>
public static class WaitingWork
{
    /// <summary>Computes the compute time that one queued row stands for, nanoseconds.</summary>
    /// <param name="latency">Batch latency L(b) of the variant.</param>
    /// <param name="batch">Rows of a planned batch; at least 1.</param>
    /// <param name="belowUs">Compute time of the row's expected children, microseconds.</param>
    /// <param name="share">Part of the queue that this device serves, 0..1.</param>
    public static long RowNs(BatchLatency latency, int batch, double belowUs, double share = 1)
    {
        ArgumentNullException.ThrowIfNull(latency);
        return (long)(((latency.LatencyUs(batch) / batch) + belowUs) * share * 1000);
    }

    /// <summary>Computes the remaining time of a running batch plus the compute time of its rows in the later stages,
    /// nanoseconds.</summary>
    /// <param name="latency">Batch latency L(b) of the variant.</param>
    /// <param name="sinceUs">Start time of the batch, microseconds.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="belowNs">Compute time of one row's expected children, nanoseconds.</param>
    /// <param name="nowUs">Current time, microseconds.</param>
    public static long InHandNs(BatchLatency latency, long sinceUs, int rows, long belowNs, long nowUs)
    {
        ArgumentNullException.ThrowIfNull(latency);
        return Math.Max(0, (long)((sinceUs + latency.LatencyUs(rows) - nowUs) * 1000)) + (rows * belowNs);
    }

    /// <summary>Converts compute time to the time until the work is done, microseconds.</summary>
    /// <param name="workNs">Expected compute time of all waiting work, nanoseconds.</param>
    /// <param name="drift">Ratio of actual to expected batch times, see <see cref="Drift"/>.</param>
    /// <param name="threads">Batches that compute at the same time.</param>
    public static double Us(long workNs, double drift, int threads) => workNs * drift / (1000.0 * threads);
}
