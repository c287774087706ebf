using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using NATS.Client.JetStream;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Sender of messages to stage queues. Thread-safe.</summary>
public sealed class NatsStageSender : IStageSender
{
    private readonly NatsLink _link;
    private readonly QueueOptions _options;
    private readonly TimeProvider _time;
    private readonly Envelope _envelope;
    private readonly QueueMaker _maker;
    private readonly StageSubjects _subjects;

    /// <summary>Makes the sender over a link that outlives it.</summary>
    /// <param name="link">Connection to the servers.</param>
    /// <param name="payloads">Store of bodies that are too large for a message.</param>
    /// <param name="options">Options of queues.</param>
    /// <param name="time">Clock of deadlines.</param>
    /// <param name="loggers">Loggers for faults.</param>
    public NatsStageSender(NatsLink link, IPayloadStore payloads, QueueOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(options);
        (_link, _options, _time) = (link, options.Checked(), time);
        var logger = loggers.CreateLogger<NatsStageSender>();
        _envelope = new Envelope(payloads, logger);
        _maker = new QueueMaker(link, options, logger);
        _subjects = new StageSubjects(link.Names);
    }

    /// <inheritdoc />
    /// <exception cref="TimeoutException">The server did not answer.</exception>
    /// <exception cref="NatsJSApiException">The server refused, for example because its memory is full.</exception>
    public async ValueTask SendAsync(StageKey key, StageMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        var start = _time.GetTimestamp();
        var (body, headers) = await _envelope.SealAsync(message, cancellationToken);
        var kind = KindOf(message);
        await _link.Call.RunAsync(
            "stage.send",
            async stop =>
            {
                try
                {
                    return await PublishAsync();
                }
                catch (NatsJSPublishNoResponseException)
                {
                    // The stream is missing: not made yet, or the server was started again, whose memory is empty.
                    await _maker.MakeStreamAsync(kind, stop);
                    return await PublishAsync();
                }

                async Task<bool> PublishAsync()
                {
                    // The same id at each try: a try whose answer was lost is not sent twice.
                    var options = new NatsJSPubOpts { MsgId = message.MessageId, RetryAttempts = 1, RetryWaitBetweenAttempts = TimeSpan.Zero };
                    var ack = await _link.JetStream.PublishAsync(_subjects.Subject(kind, key), body, opts: options, headers: new NatsHeaders(headers.ToDictionary(StringComparer.Ordinal)), cancellationToken: stop);
                    return ack.Error is null ? true : throw new NatsJSApiException(ack.Error);
                }
            },
            cancellationToken);
        NatsMetrics.SendMs.Record(_time.GetElapsedTime(start).TotalMilliseconds, NatsMetrics.Queue(key.ToString()));
    }

    private QueueKind KindOf(StageMessage message) =>
        message is { ReturnOnly: false, Deadline: { } deadline } && deadline - _time.GetUtcNow() <= _options.ExpressLife ? QueueKind.Express : QueueKind.Durable;
}
