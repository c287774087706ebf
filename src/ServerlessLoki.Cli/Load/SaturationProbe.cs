namespace ServerlessLoki.Cli.Load;

/// <summary>Measurement of a target's sustained throughput, by closed loops with rising numbers of queries in flight.</summary>
internal static class SaturationProbe
{
    /// <summary>Measures the most answers with status 200 within the SLO per second over all levels.</summary>
    /// <param name="target">Target of the queries.</param>
    /// <param name="levels">Queries in flight at each level, one level after the other.</param>
    /// <param name="warmUp">Time at the start of each level that is not counted.</param>
    /// <param name="window">Time of each level that is counted.</param>
    /// <param name="sloMs">Latency objective, milliseconds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops the probe.</param>
    public static async Task<double> MeasureAsync(
        ILoadTarget target, IReadOnlyList<int> levels, TimeSpan warmUp, TimeSpan window, double sloMs, TimeProvider time,
        CancellationToken cancellationToken)
    {
        double best = 0;
        foreach (var level in levels)
        {
            var start = time.GetTimestamp();
            var counts = await Task.WhenAll(Enumerable.Range(0, level)
                .Select(i => LoopAsync(target, i, start, warmUp, warmUp + window, sloMs, time, cancellationToken))).ConfigureAwait(false);
            best = Math.Max(best, counts.Sum() / window.TotalSeconds);
        }

        return best;
    }

    private static async Task<int> LoopAsync(
        ILoadTarget target, int body, long start, TimeSpan from, TimeSpan until, double sloMs, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var good = 0;
        while (time.GetElapsedTime(start) < until)
        {
            var sent = time.GetTimestamp();
            var reply = await target.SendAsync(body++ % target.Bodies, cancellationToken).ConfigureAwait(false);
            var ended = time.GetElapsedTime(start);
            if (reply.Status == 200 && time.GetElapsedTime(sent).TotalMilliseconds <= sloMs && ended >= from && ended <= until)
                good++;
            else if (reply.Status != 200)
                // A refused query must not come back at once: the refusals would eat the cores that are measured.
                await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken).ConfigureAwait(false);
        }

        return good;
    }
}
