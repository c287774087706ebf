using global::Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Replies by queues: an inbox is a queue of its name, which the service deletes when nobody reads it any more. Thread-safe.</summary>
public sealed class ServiceBusReplies : IStageReplies, IAsyncDisposable
{
    /// <summary>An ingress may have sent its first query before its inbox was made.</summary>
    private const int TriesForInbox = 5;
    private readonly ServiceBusConnection _connection;
    private readonly ServiceBusOptions _options;
    private readonly TimeProvider _time;
    private readonly Envelope _envelope;
    private readonly QueueMaker _maker;
    private readonly SenderPool _senders;
    private readonly ILogger<ServiceBusReplies> _logger;

    /// <summary>Over a connection that outlives it.</summary>
    /// <param name="connection">The namespace.</param>
    /// <param name="payloads">Takes bodies that are too large for a message.</param>
    /// <param name="options">How queues are made.</param>
    /// <param name="time">The clock of pauses.</param>
    /// <param name="loggers">Where it says what went wrong.</param>
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
    /// <exception cref="FormatException">It is no reply, or its payload is gone.</exception>
    public ValueTask<StageReply> ReadAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _envelope.OpenReplyAsync(message, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _senders.DisposeAsync();
}
