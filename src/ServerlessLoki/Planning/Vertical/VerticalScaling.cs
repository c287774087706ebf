namespace ServerlessLoki.Planning.Vertical;

/// <summary>Resizes one running replica to the time that its waiting requests have left (related.md 5, Sponge).</summary>
public static class VerticalScaling
{
    /// <summary>Share of the objective that a plan may use up.</summary>
    private const double Usable = 0.9;

    /// <summary>Fewest cores, then the smallest batch, that answers all waiting requests in time; null when no size does.</summary>
    /// <param name="latency">The replica's.</param>
    /// <param name="waiting">Requests in the queue; at least 0.</param>
    /// <param name="sloMs">The objective, milliseconds.</param>
    /// <param name="remainingMs">What the most urgent of them has left of it, milliseconds.</param>
    /// <param name="maxCores">Largest size.</param>
    /// <param name="maxBatch">Largest batch.</param>
    /// <remarks>Batch times count in whole milliseconds, rounded down, as the published search counts them.</remarks>
    public static (int Cores, int Batch)? Size(CoreLatency latency, int waiting, double sloMs, double remainingMs, int maxCores = 16, int maxBatch = 16)
    {
        ArgumentNullException.ThrowIfNull(latency);
        ArgumentOutOfRangeException.ThrowIfNegative(waiting);
        for (var cores = 1; cores <= maxCores; cores++)
        {
            for (var batch = 1; batch <= maxBatch; batch++)
            {
                var batches = (waiting + batch - 1) / batch;
                if ((batches * Math.Floor(latency.BatchMs(batch, cores))) + (sloMs - remainingMs) <= Usable * sloMs)
                    return (cores, batch);
            }
        }

        return null;
    }
}
