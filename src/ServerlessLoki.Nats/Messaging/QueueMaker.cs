using Microsoft.Extensions.Logging;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Creation of streams and of the consumer of each queue. What is there stays as it is. Thread-safe.</summary>
internal sealed class QueueMaker(NatsLink link, QueueOptions options, ILogger logger)
{
    private const int StreamNameTaken = 10058;

    /// <summary>Two processes made the same stream at the same time.</summary>
    private const int SubjectsOverlap = 10065;
    private const int ConsumerNameTaken = 10148;
    private readonly StageSubjects _subjects = new(link.Names);

    /// <summary>Creates the stream of a kind.</summary>
    public Task MakeStreamAsync(QueueKind kind, CancellationToken cancellationToken) => MakeAsync(
        new StreamConfig(_subjects.Stream(kind), [_subjects.All(kind)])
        {
            Retention = StreamConfigRetention.Workqueue,
            Storage = kind == QueueKind.Express ? StreamConfigStorage.Memory : StreamConfigStorage.File,
            // Late by then: its ingress has answered.
            MaxAge = kind == QueueKind.Express ? options.ExpressLife * 2 : TimeSpan.Zero,
            MaxBytes = kind == QueueKind.Express ? options.ExpressBytes : -1,
            Discard = StreamConfigDiscard.New,
            DuplicateWindow = options.DuplicateWindow,
            NumReplicas = link.Options.Replicas,
        },
        cancellationToken);

    /// <summary>Creates the stream of dead letters.</summary>
    public Task MakeDeadStreamAsync(CancellationToken cancellationToken) => MakeAsync(
        new StreamConfig(_subjects.DeadStream, [_subjects.AllDead])
        {
            Storage = StreamConfigStorage.File, MaxAge = options.DeadLetterAge, MaxMsgs = 10_000, DuplicateWindow = options.DuplicateWindow, NumReplicas = link.Options.Replicas,
        },
        cancellationToken);

    /// <summary>Creates a queue with its stream.</summary>
    public async Task<INatsJSConsumer> MakeQueueAsync(QueueKind kind, StageKey key, CancellationToken cancellationToken)
    {
        var config = new ConsumerConfig
        {
            Name = StageSubjects.Consumer(key),
            DurableName = StageSubjects.Consumer(key),
            FilterSubject = _subjects.Subject(kind, key),
            AckPolicy = ConsumerConfigAckPolicy.Explicit,
            AckWait = kind == QueueKind.Express ? options.ExpressAckWait : options.DurableAckWait,
            // The receiver counts: the server would only stop to deliver, and nobody would be told.
            MaxDeliver = -1,
            MaxAckPending = -1,
            MaxWaiting = 4096,
        };
        var stream = _subjects.Stream(kind);
        try
        {
            return await link.JetStream.CreateOrUpdateConsumerAsync(stream, config, cancellationToken);
        }
        catch (NatsJSApiException e) when (e.Error.Code == 404)
        {
            await MakeStreamAsync(kind, cancellationToken);
            var made = await link.JetStream.CreateOrUpdateConsumerAsync(stream, config, cancellationToken);
            logger.QueueMade($"{kind} {key}");
            return made;
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode == ConsumerNameTaken)
        {
            return await link.JetStream.GetConsumerAsync(stream, config.Name, cancellationToken);
        }
    }

    private async Task MakeAsync(StreamConfig config, CancellationToken cancellationToken)
    {
        try
        {
            await link.JetStream.CreateStreamAsync(config, cancellationToken);
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode is StreamNameTaken or SubjectsOverlap)
        {
            // Set up by an operator, or by a process with other options.
        }
    }
}
