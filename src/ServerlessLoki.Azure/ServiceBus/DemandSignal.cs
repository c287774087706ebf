using global::Azure.Messaging.ServiceBus;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Says in a queue of its own that a kind of worker is in demand. The platform's scaler counts what lies there and keeps a
/// replica for it, so that queries find a worker although no planner works. Stage queues cannot be watched in its place: they come
/// and go with plans, and a scaler that misses a queue never scales in.</summary>
public sealed class DemandSignal : IAsyncDisposable
{
    private const int MaxRead = 100;

    /// <summary>How long one signal counts.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);
    private readonly ServiceBusConnection _connection;
    private readonly SenderPool _senders;

    /// <summary>Over a connection that outlives it.</summary>
    /// <param name="connection">The namespace.</param>
    /// <param name="time">For metrics.</param>
    public DemandSignal(ServiceBusConnection connection, TimeProvider time) => (_connection, _senders) = (connection, new SenderPool(connection, time));

    /// <summary>The queue of a kind of worker; declared beside its container app.</summary>
    public static string QueueOf(string device) => $"demand-{device}";

    /// <summary>Says so, for a minute.</summary>
    /// <exception cref="ServiceBusException">The queue does not answer.</exception>
    public ValueTask SendAsync(string device, CancellationToken cancellationToken) =>
        _senders.SendAsync(QueueOf(device), new ServiceBusMessage(device) { TimeToLive = Life }, cancellationToken);

    /// <summary>Takes signals away. What has expired goes on being counted until somebody reads: nobody else does.</summary>
    /// <exception cref="ServiceBusException">The queue does not answer.</exception>
    public async Task ClearAsync(string device, CancellationToken cancellationToken)
    {
        await using var receiver = _connection.Client.CreateReceiver(QueueOf(device), new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
        while ((await receiver.ReceiveMessagesAsync(MaxRead, MaxWait, cancellationToken)).Count > 0)
        {
            // The next ones.
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _senders.DisposeAsync();
}
