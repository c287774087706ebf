using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Replies by request: the reader of an inbox confirms each reply, and the sender, which holds the message of the work until then,
/// tries again. So a reply is lost only if its inbox has no reader any more. Thread-safe.</summary>
public sealed class NatsReplies : IStageReplies
{
    private readonly NatsLink _link;
    private readonly QueueOptions _options;
    private readonly TimeProvider _time;
    private readonly Envelope _envelope;
    private readonly StageSubjects _subjects;
    private readonly ILogger<NatsReplies> _logger;

    /// <summary>Makes the replies over a link that outlives them.</summary>
    /// <param name="link">Connection to the servers.</param>
    /// <param name="payloads">Store of bodies that are too large for a message.</param>
    /// <param name="options">Options of queues.</param>
    /// <param name="time">Clock of pauses.</param>
    /// <param name="loggers">Loggers for faults.</param>
    public NatsReplies(NatsLink link, IPayloadStore payloads, QueueOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(options);
        (_link, _options, _time) = (link, options.Checked(), time);
        _logger = loggers.CreateLogger<NatsReplies>();
        _envelope = new Envelope(payloads, _logger);
        _subjects = new StageSubjects(link.Names);
    }

    /// <inheritdoc />
    /// <exception cref="TimeoutException">The server, or the reader, did not answer.</exception>
    public async ValueTask SendAsync(string replyTo, StageReply reply, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(replyTo);
        ArgumentNullException.ThrowIfNull(reply);
        var (body, headers) = await _envelope.SealAsync(reply, cancellationToken);
        var start = _time.GetTimestamp();
        var isRead = await _link.Call.RunAsync("reply.send", TryAsync, cancellationToken);
        if (!isRead)
        {
            _logger.InboxGone(replyTo);
            NatsMetrics.RepliesLost.Add(1);
            await _envelope.DiscardAsync(headers);
        }

        async Task<bool> TryAsync(CancellationToken stop)
        {
            var wait = new NatsSubOpts { Timeout = _link.Options.TryTimeout, ThrowIfNoResponders = true };
            try
            {
                await _link.Connection.RequestAsync<byte[], byte[]>(_subjects.Inbox(replyTo), body, headers: new NatsHeaders(headers.ToDictionary(StringComparer.Ordinal)), replyOpts: wait, cancellationToken: stop);
                return true;
            }
            catch (NatsNoRespondersException) when (_time.GetElapsedTime(start) > _options.InboxPatience)
            {
                return false;
            }
        }
    }

    /// <inheritdoc />
    public IAsyncDisposable OpenInbox(string name, Func<StageReply, ValueTask> received)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(received);
        return new ReplyInbox(_subjects.Inbox(name), received, _link, _envelope, _options, _time, _logger);
    }
}
