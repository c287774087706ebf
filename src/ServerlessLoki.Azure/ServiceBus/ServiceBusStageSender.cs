using global::Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Sender of messages to stage queues. Thread-safe.</summary>
public sealed class ServiceBusStageSender : IStageSender, IAsyncDisposable
{
    private readonly Envelope _envelope;
    private readonly QueueMaker _maker;
    private readonly SenderPool _senders;

    /// <summary>Makes the sender over a connection that outlives it.</summary>
    /// <param name="connection">Connection to the namespace.</param>
    /// <param name="payloads">Store of bodies that are too large for a message.</param>
    /// <param name="options">Options of queues.</param>
    /// <param name="time">Clock of deadlines.</param>
    /// <param name="loggers">Loggers for faults.</param>
    public ServiceBusStageSender(
        ServiceBusConnection connection, IPayloadStore payloads, ServiceBusOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        _envelope = new Envelope(payloads, time, options, loggers.CreateLogger<Envelope>());
        _maker = new QueueMaker(connection, options, loggers.CreateLogger<QueueMaker>());
        _senders = new SenderPool(connection, time);
    }

    /// <inheritdoc />
    public async ValueTask SendAsync(StageKey key, StageMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        var queue = StageQueueNames.Of(key);
        var sealed_ = await _envelope.SealAsync(message, cancellationToken);
        try
        {
            await _senders.SendAsync(queue, sealed_, cancellationToken);
        }
        catch (ServiceBusException exception) when (exception.Reason == ServiceBusFailureReason.MessagingEntityNotFound)
        {
            // Not made yet, or retired a moment ago while an older plan still sends here.
            if (!await _maker.TryMakeAsync(queue, cancellationToken))
                throw;
            await _senders.SendAsync(queue, sealed_, cancellationToken);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _senders.DisposeAsync();
}
