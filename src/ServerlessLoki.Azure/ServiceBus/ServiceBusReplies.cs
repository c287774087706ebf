using global::Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Replies by queues: an inbox is a queue of its name, which the service deletes when it has no reader any more.
/// Thread-safe.</summary>
public sealed class ServiceBusReplies : IStageReplies, IAsyncDisposable
{
    /// <summary>Tries to send to an inbox: an ingress may have sent its first query before its inbox was created.</summary>
    private const int TriesForInbox = 5;
    private readonly ServiceBusConnection _connection;
    private readonly ServiceBusOptions _options;
    private readonly TimeProvider _time;
    private readonly Envelope _envelope;
    private readonly QueueMaker _maker;
    private readonly SenderPool _senders;
    private readonly ILogger<ServiceBusReplies> _logger;

    /// <summary>Makes the replies over a connection that outlives them.</summary>
    /// <param name="connection">Connection to the namespace.</param>
    /// <param name="payloads">Store of bodies that are too large for a message.</param>
    /// <param name="options">Options of queues.</param>
    /// <param name="time">Clock of pauses.</param>
    /// <param name="loggers">Loggers for faults.</param>
    public ServiceBusReplies(
        ServiceBusConnection connection, IPayloadStore payloads, ServiceBusOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        (_connection, _options, _time) = (connection, options, time);
        _envelope = new Envelope(payloads, time, options, loggers.CreateLogger<Envelope>());
        _maker = new QueueMaker(connection, options, loggers.CreateLogger<QueueMaker>());
        _senders = new SenderPool(connection, time);
        _logger = loggers.CreateLogger<ServiceBusReplies>();
    }

    /// <inheritdoc />
    public async ValueTask SendAsync(string replyTo, StageReply reply, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(replyTo);
        ArgumentNullException.ThrowIfNull(reply);
        var sealed_ = await _envelope.SealAsync(reply, replyTo, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _senders.SendAsync(replyTo, sealed_, cancellationToken);
                return;
            }
            catch (ServiceBusException exception) when (exception.Reason == ServiceBusFailureReason.MessagingEntityNotFound)
            {
                if (attempt >= TriesForInbox)
                {
                    _logger.InboxGone(replyTo);
                    return;
                }
            }

            // Nobody but its owner makes an inbox, or the queues of dead instances would come back.
            if (replyTo.StartsWith(StageQueueNames.ReplyPrefix, StringComparison.Ordinal) || !await _maker.TryMakeAsync(replyTo, cancellationToken))
                await Task.Delay(_options.Pause / 4, _time, cancellationToken);
        }
    }

    /// <inheritdoc />
    public IAsyncDisposable OpenInbox(string name, Func<StageReply, ValueTask> received)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(received);
        return new ReplyInbox(name, received, _connection, _maker, _envelope, _options, _time, _logger);
    }

    /// <summary>Reads a reply that a trigger received, for example from <see cref="StageQueueNames.StageResults"/>.</summary>
    /// <exception cref="FormatException">The message is no reply, or its payload is gone.</exception>
    public ValueTask<StageReply> ReadAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _envelope.OpenReplyAsync(message, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _senders.DisposeAsync();
}
