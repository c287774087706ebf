using System.Diagnostics.Metrics;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Metrics of queues; all have the tag <c>queue</c>.</summary>
internal static class ServiceBusMetrics
{
    public static readonly Histogram<double> SendMs =
        AzureTelemetry.Meter.CreateHistogram<double>("loki.servicebus.send", "ms", "Time to send one message, retries included.");

    public static readonly Histogram<double> SettleMs =
        AzureTelemetry.Meter.CreateHistogram<double>("loki.servicebus.settle", "ms", "Time to complete or give back one message.");

    public static readonly Counter<long> Received = AzureTelemetry.Meter.CreateCounter<long>("loki.servicebus.received", description: "Messages received.");

    public static readonly Counter<long> Redelivered =
        AzureTelemetry.Meter.CreateCounter<long>("loki.servicebus.redelivered", description: "Messages received that had been delivered before.");

    public static readonly Counter<long> LocksLost = AzureTelemetry.Meter.CreateCounter<long>("loki.servicebus.locks_lost", description: "Locks that expired.");

    public static readonly Counter<long> DeadLetters =
        AzureTelemetry.Meter.CreateCounter<long>("loki.servicebus.dead_letters", description: "Messages that were put aside or seen among the dead letters.");

    private static readonly Histogram<double> CallMs = AzureTelemetry.Meter.CreateHistogram<double>(
        "loki.servicebus.call", "ms", "Time to receive (waiting included), renew, peek or put aside, by operation and outcome; retries included.");

    /// <summary>Measures a call, whether it succeeds or not.</summary>
    public static async Task<T> MeasureAsync<T>(string operation, string queue, TimeProvider time, Func<Task<T>> call)
    {
        var start = time.GetTimestamp();
        var outcome = "failed";
        try
        {
            var result = await call();
            outcome = "ok";
            return result;
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled";
            throw;
        }
        finally
        {
            if (CallMs.Enabled)
                CallMs.Record(time.GetElapsedTime(start).TotalMilliseconds, Queue(queue), new("operation", operation), new("outcome", outcome));
        }
    }

    /// <inheritdoc cref="MeasureAsync{T}"/>
    public static Task MeasureAsync(string operation, string queue, TimeProvider time, Func<Task> call) => MeasureAsync(
        operation, queue, time,
        async () =>
        {
            await call();
            return true;
        });

    public static KeyValuePair<string, object?> Queue(string name) => new("queue", name);
}
