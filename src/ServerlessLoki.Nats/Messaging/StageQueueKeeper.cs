using Microsoft.Extensions.Logging;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Serving.Distributed.Planner;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Management of stage queues for the planner: creates those that a plan needs before it is published, and deletes those that are
/// unused.</summary>
public sealed class StageQueueKeeper : IStageQueueKeeper
{
    private static readonly QueueKind[] s_kinds = [QueueKind.Express, QueueKind.Durable];
    private readonly NatsLink _link;
    private readonly QueueMaker _maker;
    private readonly StageSubjects _subjects;
    private readonly ILogger<StageQueueKeeper> _logger;

    /// <summary>Makes the keeper over a link that outlives it.</summary>
    /// <param name="link">Connection to the servers.</param>
    /// <param name="options">Options of queues.</param>
    /// <param name="loggers">Loggers for changes.</param>
    public StageQueueKeeper(NatsLink link, QueueOptions options, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(options);
        _link = link;
        _logger = loggers.CreateLogger<StageQueueKeeper>();
        _maker = new QueueMaker(link, options.Checked(), _logger);
        _subjects = new StageSubjects(link.Names);
    }

    /// <summary>Creates the queues of stages, and the streams, where they are missing.</summary>
    public async Task EnsureAsync(IEnumerable<StageKey> stages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stages);
        await _link.Call.RunAsync(
            "queue.ensure",
            async stop =>
            {
                await _maker.MakeDeadStreamAsync(stop);
                foreach (var kind in s_kinds)
                {
                    await _maker.MakeStreamAsync(kind, stop);
                    foreach (var key in stages)
                        await _maker.MakeQueueAsync(kind, key, stop);
                }

                return true;
            },
            cancellationToken);
    }

    /// <summary>Deletes queues that are not wanted, hold no message, and that no worker waits for.</summary>
    /// <inheritdoc />
    public Task<IReadOnlyList<string>> RetireAsync(IEnumerable<StageKey> wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var keep = wanted.Select(StageSubjects.Consumer).ToHashSet(StringComparer.Ordinal);
        return _link.Call.RunAsync<IReadOnlyList<string>>(
            "queue.retire",
            async stop =>
            {
                var retired = new List<string>();
                foreach (var stream in s_kinds.Select(_subjects.Stream))
                {
                    var unused = new List<string>();
                    await foreach (var consumer in _link.JetStream.ListConsumersAsync(stream, stop))
                    {
                        if (!keep.Contains(consumer.Info.Name) && consumer.Info is { NumPending: 0, NumAckPending: 0, NumWaiting: 0 })
                            unused.Add(consumer.Info.Name);
                    }

                    foreach (var name in unused)
                    {
                        if (!await _link.JetStream.DeleteConsumerAsync(stream, name, stop))
                            continue;
                        _logger.QueueRetired(name);
                        retired.Add(name);
                    }
                }

                return retired;
            },
            cancellationToken);
    }
}
