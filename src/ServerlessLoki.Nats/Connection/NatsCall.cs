using System.Diagnostics.Metrics;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace ServerlessLoki.Nats.Connection;

/// <summary>Time limit, retries and measurement of a call. What is tried again must have the same effect once and twice.</summary>
internal sealed class NatsCall(NatsOptions options)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private static readonly Histogram<double> Duration =
        NatsTelemetry.Meter.CreateHistogram<double>("loki.nats.call.duration", "s", "Calls to NATS with all their tries.");

    private static readonly Counter<long> Retries =
        NatsTelemetry.Meter.CreateCounter<long>("loki.nats.retries", "{try}", "Calls to NATS that were tried again: the server was away, or the connection broke.");

    /// <exception cref="TimeoutException">The server did not answer within the limit.</exception>
    /// <exception cref="NatsJSApiException">The server refused.</exception>
    public async Task<T> RunAsync<T>(string operation, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(options.CallTimeout);
        var outcome = "failed";
        var start = TimeProvider.System.GetTimestamp();
        Exception? last = null;
        try
        {
            for (var pause = options.Pause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            {
                try
                {
                    var result = await call(stop.Token);
                    outcome = "ok";
                    return result;
                }
                catch (Exception e) when (!stop.IsCancellationRequested && IsPassing(e))
                {
                    last = e;
                    Retries.Add(1, new KeyValuePair<string, object?>("operation", operation));
                    await Task.Delay(pause, stop.Token);
                }
            }
        }
        catch (Exception e) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested && (e is OperationCanceledException || IsPassing(e)))
        {
            outcome = "timeout";
            throw new TimeoutException($"NATS did not answer {operation} within {options.CallTimeout.TotalSeconds:0.#} s{(last is null ? "" : $": {last.Message}")}", last ?? e);
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled";
            throw;
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

    /// <summary>Codes of the server that ask for less, not for the same again: the stream is full, or the server is.</summary>
    private const int FullStream = 10077;
    private const int NoResources = 10023;

    /// <summary>Tests whether another try may succeed: no answer, no connection, or a server that starts.</summary>
    public static bool IsPassing(Exception e) => e switch
    {
        NatsJSApiException api => api.Error.Code is 503 && api.Error.ErrCode is not (FullStream or NoResources),
        NatsException or TimeoutException or IOException or System.Net.Sockets.SocketException => true,
        // The client cancels by itself what it wrote to a connection that broke.
        OperationCanceledException => true,
        _ => false,
    };
}
