using global::Azure.Messaging.ServiceBus;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Signal of demand for a device type's workers, in a queue of its own. The platform's scaler counts the messages in it and keeps
/// a replica for them, so that queries find a worker even while no planner runs. Stage queues cannot serve for this: they come and go with
/// plans, and a scaler whose queue is missing never scales in.</summary>
public sealed class DemandSignal : IAsyncDisposable
{
    private const int MaxRead = 100;

    /// <summary>Lifetime of one signal.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);
    private readonly ServiceBusConnection _connection;
    private readonly SenderPool _senders;

    /// <summary>Makes the signal over a connection that outlives it.</summary>
    /// <param name="connection">Connection to the namespace.</param>
    /// <param name="time">Clock for metrics.</param>
    public DemandSignal(ServiceBusConnection connection, TimeProvider time) => (_connection, _senders) = (connection, new SenderPool(connection, time));

    /// <summary>Returns the queue of a device type's workers; it is declared together with its container app.</summary>
    public static string QueueOf(string device) => $"demand-{device}";

    /// <summary>Sends a signal, which counts for a minute.</summary>
    /// <exception cref="ServiceBusException">The queue does not answer.</exception>
    public ValueTask SendAsync(string device, CancellationToken cancellationToken) =>
        _senders.SendAsync(QueueOf(device), new ServiceBusMessage(device) { TimeToLive = Life }, cancellationToken);

    /// <summary>Removes signals. Expired ones are counted until a receiver reads the queue, and there is no other receiver.</summary>
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
