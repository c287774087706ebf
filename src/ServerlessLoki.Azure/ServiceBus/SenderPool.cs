using System.Collections.Concurrent;
using global::Azure.Messaging.ServiceBus;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Pool of senders, one per queue, kept open. Thread-safe.</summary>
internal sealed class SenderPool(ServiceBusConnection connection, TimeProvider time) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ServiceBusSender> _senders = new(StringComparer.Ordinal);

    public async ValueTask SendAsync(string queue, ServiceBusMessage message, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        await _senders.GetOrAdd(queue, static (name, client) => client.CreateSender(name), connection.Client).SendMessageAsync(message, cancellationToken);
        ServiceBusMetrics.SendMs.Record(time.GetElapsedTime(start).TotalMilliseconds, ServiceBusMetrics.Queue(queue));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sender in _senders.Values)
            await sender.DisposeAsync();
    }
}
