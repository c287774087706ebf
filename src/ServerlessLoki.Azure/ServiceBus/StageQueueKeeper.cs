using global::Azure;
using global::Azure.Messaging.ServiceBus;
using global::Azure.Messaging.ServiceBus.Administration;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Distributed.Planner;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Management of stage queues for the planner: creates those that a plan needs before it is published, and deletes those that are
/// unused.</summary>
public sealed class StageQueueKeeper : IStageQueueKeeper
{
    private readonly ServiceBusConnection _connection;
    private readonly QueueMaker _maker;
    private readonly ServiceBusOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<StageQueueKeeper> _logger;

    /// <summary>Makes the keeper over a connection that outlives it, whose identity may manage queues.</summary>
    /// <param name="connection">Connection to the namespace.</param>
    /// <param name="options">Options of queues and of their deletion.</param>
    /// <param name="time">Clock.</param>
    /// <param name="loggers">Loggers for changes and faults.</param>
    public StageQueueKeeper(ServiceBusConnection connection, ServiceBusOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(connection);
        (_connection, _options, _time) = (connection, options, time);
        _maker = new QueueMaker(connection, options, loggers.CreateLogger<QueueMaker>());
        _logger = loggers.CreateLogger<StageQueueKeeper>();
    }

    /// <summary>Creates the queues of stages, and the one for results of durable runs, where they are missing.</summary>
    /// <exception cref="UnauthorizedAccessException">This identity may not create queues.</exception>
    public async Task EnsureAsync(IEnumerable<StageKey> stages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stages);
        var wanted = stages.Select(StageQueueNames.Of).Append(StageQueueNames.StageResults).ToHashSet(StringComparer.OrdinalIgnoreCase);
        // One listing instead of a question per queue: management calls are few by quota.
        foreach (var queue in await ListAsync("queue.list", static (bus, stop) => bus.GetQueuesAsync(stop), cancellationToken))
            wanted.Remove(queue.Name);
        foreach (var queue in wanted)
        {
            if (!await _maker.TryMakeAsync(queue, cancellationToken))
                throw new UnauthorizedAccessException($"This identity may not make queue {queue}; it needs the role Azure Service Bus Data Owner.");
        }
    }

    /// <summary>Deletes stage queues that are not wanted, hold no message (dead letters included) and were not used for a while.</summary>
    /// <param name="wanted">Stages of the present plan, and all that running runs may still need.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Names of the deleted queues.</returns>
    public async Task<IReadOnlyList<string>> RetireAsync(IEnumerable<StageKey> wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var keep = wanted.Select(StageQueueNames.Of).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var before = _time.GetUtcNow() - _options.RetireAfter;
        var retired = new List<string>();
        foreach (var queue in await ListAsync("queue.look", static (bus, stop) => bus.GetQueuesRuntimePropertiesAsync(stop), cancellationToken))
        {
            var isStage = queue.Name.StartsWith(StageQueueNames.Prefix, StringComparison.OrdinalIgnoreCase)
                && !queue.Name.StartsWith(StageQueueNames.ReplyPrefix, StringComparison.OrdinalIgnoreCase);
            if (!isStage || keep.Contains(queue.Name) || queue.TotalMessageCount > 0 || Latest(queue.AccessedAt, queue.CreatedAt) > before)
                continue;
            try
            {
                await _connection.Management.RunAsync("queue.delete", stop => _connection.Administration.DeleteQueueAsync(queue.Name, stop), cancellationToken);
                _logger.QueueRetired(queue.Name);
                retired.Add(queue.Name);
            }
            catch (ServiceBusException exception) when (exception.Reason == ServiceBusFailureReason.MessagingEntityNotFound)
            {
                // Another planner was faster.
            }
        }

        return retired;
    }

    private Task<List<T>> ListAsync<T>(string operation, Func<ServiceBusAdministrationClient, CancellationToken, AsyncPageable<T>> list, CancellationToken cancellationToken)
        where T : notnull => _connection.Management.RunAsync(
        operation,
        async stop =>
        {
            var all = new List<T>();
            await foreach (var item in list(_connection.Administration, stop))
                all.Add(item);
            return all;
        },
        cancellationToken);

    private static DateTimeOffset Latest(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
