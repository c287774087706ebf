using System.Diagnostics.Metrics;

namespace ServerlessLoki.Azure.Storage;

/// <summary>Time limit and measurement of a call with all its tries.</summary>
/// <param name="limit">Longest time of a call.</param>
internal sealed class AzureCall(TimeSpan limit)
{
    private static readonly Histogram<double> Duration =
        AzureTelemetry.Meter.CreateHistogram<double>("loki.azure.call.duration", "s", "Calls to Azure with all their tries.");

    /// <exception cref="TimeoutException">It took longer than the limit.</exception>
    public async Task<T> RunAsync<T>(string operation, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(limit);
        var outcome = "failed";
        var start = TimeProvider.System.GetTimestamp();
        try
        {
            var result = await call(stop.Token);
            outcome = "ok";
            return result;
        }
        catch (OperationCanceledException e) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            outcome = "timeout";
            throw new TimeoutException($"{operation} took longer than {limit.TotalSeconds:0.#} s.", e);
        }
        finally
        {
            if (Duration.Enabled)
            {
                Duration.Record(
                    TimeProvider.System.GetElapsedTime(start).TotalSeconds,
                    new KeyValuePair<string, object?>("operation", operation), new KeyValuePair<string, object?>("outcome", outcome));
            }
        }
    }
}
