using Microsoft.Extensions.Logging;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Nats.Messaging;
using ServerlessLoki.Nats.Storage;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Nats.Setup;

/// <summary>Ports of one process on NATS.</summary>
public sealed class NatsPorts : IAsyncDisposable
{
    private readonly QueueOptions _queueOptions;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private NatsStageQueues? _queues;

    /// <summary>Makes the ports; none of them makes a call yet.</summary>
    /// <param name="options">Addresses, credentials and limits.</param>
    /// <param name="queues">Options of queues.</param>
    /// <param name="time">Clock.</param>
    /// <param name="loggers">Loggers for faults.</param>
    /// <exception cref="Validation.OptionsException">Options are out of bounds; lists all.</exception>
    public NatsPorts(NatsOptions options, QueueOptions queues, TimeProvider time, ILoggerFactory loggers)
    {
        (_queueOptions, _time, _loggers) = (queues, time, loggers);
        Link = new NatsLink(options, Owner, loggers);
        Payloads = new NatsPayloadStore(Link);
        State = new NatsStateStore(Link, Payloads);
        Sender = new NatsStageSender(Link, Payloads, queues, time, loggers);
        Replies = new NatsReplies(Link, Payloads, queues, time, loggers);
        Keeper = new StageQueueKeeper(Link, queues, loggers);
    }

    /// <summary>Name of this process: readable and never used before.</summary>
    public string Owner { get; } =
        $"{Environment.MachineName[..Math.Min(Environment.MachineName.Length, 40)]}-{Guid.NewGuid().ToString("N")[..12]}".ToLowerInvariant();

    /// <summary>Connection to the servers.</summary>
    public NatsLink Link { get; }

    /// <summary>Payload store for claim checks.</summary>
    public NatsPayloadStore Payloads { get; }

    /// <summary>State store for plan, leases, demand and runs.</summary>
    public NatsStateStore State { get; }

    /// <summary>Sender of stage messages.</summary>
    public NatsStageSender Sender { get; }

    /// <summary>Replies of workers.</summary>
    public NatsReplies Replies { get; }

    /// <summary>Manager that creates and deletes stage queues.</summary>
    public StageQueueKeeper Keeper { get; }

    /// <summary>Returns the stage queues; made once, with the engine's conversion.</summary>
    public IStageQueues Queues(IStageItems items) => _queues = new NatsStageQueues(Link, items, Sender, Replies, Payloads, _queueOptions, _time, _loggers);

    /// <summary>Returns all held messages, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_queues is not null)
            await _queues.DisposeAsync();
        State.Dispose();
        await Link.DisposeAsync();
    }
}
