using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Stage queues on JetStream: items travel as messages. Thread-safe.</summary>
internal sealed class NatsStageQueues : IStageQueues, IAsyncDisposable
{
    private readonly NatsLink _link;
    private readonly IStageItems _items;
    private readonly NatsStageSender _sender;
    private readonly IStageReplies _replies;
    private readonly QueueOptions _options;
    private readonly TimeProvider _time;
    private readonly Envelope _envelope;
    private readonly QueueMaker _maker;
    private readonly ILogger<NatsStageQueues> _logger;
    private readonly ConcurrentDictionary<NatsStageReceiver, byte> _receivers = new();

    /// <summary>Makes the queues over a link that outlives them.</summary>
    /// <param name="link">Connection to the servers.</param>
    /// <param name="items">Converts items to messages and back.</param>
    /// <param name="sender">Sends messages; outlives this object.</param>
    /// <param name="replies">Fails queries whose messages became dead letters; outlives this object.</param>
    /// <param name="payloads">Store of bodies that are too large for a message.</param>
    /// <param name="options">Options of queues.</param>
    /// <param name="time">Clock.</param>
    /// <param name="loggers">Loggers for faults.</param>
    public NatsStageQueues(
        NatsLink link, IStageItems items, NatsStageSender sender, IStageReplies replies, IPayloadStore payloads, QueueOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        (_link, _items, _sender, _replies, _options, _time) = (link, items, sender, replies, options, time);
        _logger = loggers.CreateLogger<NatsStageQueues>();
        _envelope = new Envelope(payloads, _logger);
        _maker = new QueueMaker(link, options, _logger);
    }

    /// <inheritdoc />
    public async ValueTask SendAsync(StageKey key, StageItem item, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(item);
        await _sender.SendAsync(key, await _items.MessageOfAsync(item, cancellationToken), cancellationToken);
    }

    /// <inheritdoc />
    public IStageReceiver OpenReceiver(StageKey key, Action arrived)
    {
        ArgumentNullException.ThrowIfNull(arrived);
        var inlet = new StageInlet(key, _link, _maker, _envelope, _items, _replies, _options, _time, _logger);
        var receiver = new NatsStageReceiver(inlet, arrived, _options, _time, _logger, r => _receivers.TryRemove(r, out var _));
        _receivers.TryAdd(receiver, 0);
        return receiver;
    }

    /// <summary>Returns all held messages and closes all receivers.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_receivers.Keys.Select(static r => r.EndAsync()));
}
