using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Stage queues on Service Bus: items travel as messages. Thread-safe.</summary>
internal sealed class ServiceBusStageQueues : IStageQueues, IAsyncDisposable
{
    private readonly ServiceBusConnection _connection;
    private readonly IStageItems _items;
    private readonly ServiceBusStageSender _sender;
    private readonly ServiceBusReplies _replies;
    private readonly ServiceBusOptions _options;
    private readonly TimeProvider _time;
    private readonly Envelope _envelope;
    private readonly QueueMaker _maker;
    private readonly ILogger<ServiceBusStageQueues> _logger;
    private readonly string _owner;
    private readonly ConcurrentDictionary<ServiceBusStageReceiver, byte> _receivers = new();

    /// <summary>Makes the queues over a connection that outlives them.</summary>
    /// <param name="connection">Connection to the namespace.</param>
    /// <param name="items">Converts items to messages and back.</param>
    /// <param name="sender">Sends messages; outlives this object.</param>
    /// <param name="replies">Fails queries whose messages became dead letters; outlives this object.</param>
    /// <param name="payloads">Store of bodies that are too large for a message.</param>
    /// <param name="owner">Name of this process, for operators.</param>
    /// <param name="options">Options of queues.</param>
    /// <param name="time">Clock.</param>
    /// <param name="loggers">Loggers for faults.</param>
    public ServiceBusStageQueues(
        ServiceBusConnection connection, IStageItems items, ServiceBusStageSender sender, ServiceBusReplies replies, IPayloadStore payloads, string owner,
        ServiceBusOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        (_connection, _items, _sender, _replies, _owner, _options, _time) = (connection, items, sender, replies, owner, options, time);
        _envelope = new Envelope(payloads, time, options, loggers.CreateLogger<Envelope>());
        _maker = new QueueMaker(connection, options, loggers.CreateLogger<QueueMaker>());
        _logger = loggers.CreateLogger<ServiceBusStageQueues>();
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
        var queue = StageQueueNames.Of(key);
        var watch = new DeadLetterWatch(queue, _owner, _connection, _replies, _options, _time, _logger);
        var receiver = new ServiceBusStageReceiver(
            new StageInlet(queue, _owner, _connection, _maker, _envelope, _items, _replies, _options, _time, _logger), watch, arrived, _options, _time, _logger,
            r => _receivers.TryRemove(r, out var _));
        _receivers.TryAdd(receiver, 0);
        return receiver;
    }

    /// <summary>Returns all held messages and closes all receivers.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_receivers.Keys.Select(static r => r.EndAsync()));
}
