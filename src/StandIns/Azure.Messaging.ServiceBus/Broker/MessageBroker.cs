using System.Collections.Concurrent;

namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>All queues of one namespace. Names are compared without case, as the service does.</summary>
internal sealed class MessageBroker(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, BrokerQueue> _queues = new(StringComparer.OrdinalIgnoreCase);

    public async ValueTask<BrokerReply> ExecuteAsync(BrokerRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        switch (request.Operation)
        {
            case BrokerOperation.CreateQueue:
                return Create(request.Settings);
            case BrokerOperation.ListQueues:
                return new BrokerReply { Queues = [.. States().OrderBy(static q => q.Settings.Name, StringComparer.OrdinalIgnoreCase)] };
            default:
                break;
        }

        if (Find(request.Entity) is not { } queue)
            return NotFound(request.Entity);
        return request.Operation switch
        {
            BrokerOperation.Send => queue.Send(request.Messages),
            BrokerOperation.CancelScheduled => queue.CancelScheduled(request.SequenceNumber),
            BrokerOperation.Receive => await queue.ReceiveAsync(request.MaxMessages, request.MaxWait, request.IsDelete, cancellationToken),
            BrokerOperation.Complete => queue.Complete(request.LockToken),
            BrokerOperation.Abandon => queue.Abandon(request.LockToken, request.Properties),
            BrokerOperation.DeadLetter => queue.DeadLetter(request.LockToken, request.Properties, request.Reason, request.Description),
            BrokerOperation.Renew => queue.Renew(request.LockToken),
            BrokerOperation.Peek => queue.Peek(request.MaxMessages, request.SequenceNumber),
            BrokerOperation.UpdateQueue => queue.Update(request.Settings),
            BrokerOperation.DeleteQueue => Delete(request.Entity, queue),
            BrokerOperation.GetQueue => queue.State() is { } state ? new BrokerReply { Queues = [state] } : NotFound(request.Entity),
            _ => throw new InvalidOperationException($"Unknown operation {request.Operation}."),
        };
    }

    public static BrokerReply NotFound(string entity) => BrokerReply.Refused(
        ServiceBusFailureReason.MessagingEntityNotFound, $"The messaging entity '{entity}' could not be found.");

    private BrokerReply Create(QueueSettings settings)
    {
        // One that was idle for too long ends when it is looked at.
        _ = _queues.GetValueOrDefault(settings.Name)?.State();
        var queue = new BrokerQueue(settings, time, q => _queues.TryRemove(KeyValuePair.Create(q.Name, q)));
        if (_queues.TryAdd(settings.Name, queue))
            return new BrokerReply { Queues = [queue.State()] };
        queue.Delete();
        return BrokerReply.Refused(
            ServiceBusFailureReason.MessagingEntityAlreadyExists, $"The messaging entity '{settings.Name}' already exists.");
    }

    private BrokerReply Delete(string entity, BrokerQueue queue)
    {
        _queues.TryRemove(KeyValuePair.Create(entity, queue));
        queue.Delete();
        return BrokerReply.Done;
    }

    private IEnumerable<QueueState> States() => _queues.Values.Select(static q => q.State()).Where(static s => s is not null);

    private BrokerQueue Find(string entity)
    {
        if (!entity.EndsWith(BrokerQueue.DeadLetterSuffix, StringComparison.OrdinalIgnoreCase))
            return _queues.GetValueOrDefault(entity);
        return _queues.GetValueOrDefault(entity[..^BrokerQueue.DeadLetterSuffix.Length])?.DeadLetters;
    }
}
