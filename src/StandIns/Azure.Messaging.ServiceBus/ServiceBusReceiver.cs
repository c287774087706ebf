using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Azure.Messaging.ServiceBus.Broker;

namespace Azure.Messaging.ServiceBus;

public class ServiceBusReceiver : IAsyncDisposable
{
    private readonly ServiceBusClient _client;
    private readonly ConcurrentQueue<ServiceBusReceivedMessage> _prefetched = new();
    private volatile bool _isClosed;

    protected ServiceBusReceiver()
    {
    }

    internal ServiceBusReceiver(ServiceBusClient client, string queueName, ServiceBusReceiverOptions options)
    {
        if (options.SubQueue == SubQueue.TransferDeadLetter)
            throw BrokerAddress.NotCovered("SubQueue.TransferDeadLetter");
        _client = client;
        EntityPath = options.SubQueue == SubQueue.DeadLetter ? queueName + BrokerQueue.DeadLetterSuffix : queueName;
        Identifier = options.Identifier ?? $"{EntityPath}-{Guid.NewGuid()}";
        PrefetchCount = options.PrefetchCount;
        ReceiveMode = options.ReceiveMode;
    }

    public virtual string EntityPath { get; }

    public virtual string FullyQualifiedNamespace => _client.FullyQualifiedNamespace;

    public virtual string Identifier { get; }

    public virtual bool IsClosed => _isClosed;

    public virtual int PrefetchCount { get; }

    public virtual ServiceBusReceiveMode ReceiveMode { get; }

    public virtual async Task<ServiceBusReceivedMessage> ReceiveMessageAsync(TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default) =>
        await ReceiveMessagesAsync(1, maxWaitTime, cancellationToken) is [var message, ..] ? message : null;

    public virtual async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(
        int maxMessages, TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxMessages);
        if (maxWaitTime is { } wait && (wait < TimeSpan.Zero || (wait == TimeSpan.Zero && PrefetchCount == 0)))
            throw new ArgumentOutOfRangeException(nameof(maxWaitTime), maxWaitTime, "The wait must be above zero; zero is allowed with a prefetch count only.");
        var received = new List<ServiceBusReceivedMessage>();
        while (received.Count < maxMessages && _prefetched.TryDequeue(out var message))
            received.Add(message);
        if (received.Count > 0)
            return received;
        var request = new BrokerRequest
        {
            Operation = BrokerOperation.Receive,
            Entity = EntityPath,
            MaxMessages = Math.Max(maxMessages, PrefetchCount),
            MaxWait = maxWaitTime ?? _client.RetryOptions.TryTimeout,
            IsDelete = ReceiveMode == ServiceBusReceiveMode.ReceiveAndDelete,
        };
        foreach (var message in (await CallAsync(request, cancellationToken)).Messages)
        {
            if (received.Count < maxMessages)
                received.Add(new ServiceBusReceivedMessage(message));
            else
                _prefetched.Enqueue(new ServiceBusReceivedMessage(message));
        }

        return received;
    }

    public virtual async IAsyncEnumerable<ServiceBusReceivedMessage> ReceiveMessagesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (await ReceiveMessageAsync(null, cancellationToken) is { } message)
                yield return message;
        }
    }

    public virtual async Task<ServiceBusReceivedMessage> PeekMessageAsync(long? fromSequenceNumber = null, CancellationToken cancellationToken = default) =>
        await PeekMessagesAsync(1, fromSequenceNumber, cancellationToken) is [var message, ..] ? message : null;

    public virtual async Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekMessagesAsync(
        int maxMessages, long? fromSequenceNumber = null, CancellationToken cancellationToken = default)
    {
        var request = new BrokerRequest
        {
            Operation = BrokerOperation.Peek,
            Entity = EntityPath,
            MaxMessages = maxMessages,
            SequenceNumber = fromSequenceNumber ?? 0,
        };
        return [.. (await CallAsync(request, cancellationToken)).Messages.Select(static m => new ServiceBusReceivedMessage(m))];
    }

    public virtual Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        SettleAsync(BrokerOperation.Complete, message, null, null, null, cancellationToken);

    public virtual Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify = null, CancellationToken cancellationToken = default) =>
        SettleAsync(BrokerOperation.Abandon, message, propertiesToModify, null, null, cancellationToken);

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify = null, CancellationToken cancellationToken = default) =>
        SettleAsync(BrokerOperation.DeadLetter, message, propertiesToModify, null, null, cancellationToken);

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message, string deadLetterReason, string deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) =>
        SettleAsync(BrokerOperation.DeadLetter, message, null, deadLetterReason, deadLetterErrorDescription, cancellationToken);

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify, string deadLetterReason,
        string deadLetterErrorDescription = null, CancellationToken cancellationToken = default) =>
        SettleAsync(BrokerOperation.DeadLetter, message, propertiesToModify, deadLetterReason, deadLetterErrorDescription, cancellationToken);

    public virtual async Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var request = new BrokerRequest { Operation = BrokerOperation.Renew, Entity = EntityPath, LockToken = message.LockTokenGuid };
        message.LockedUntil = (await CallAsync(request, cancellationToken)).LockedUntil;
    }

    public virtual Task CloseAsync(CancellationToken cancellationToken = default)
    {
        _isClosed = true;
        return Task.CompletedTask;
    }

    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    private async Task SettleAsync(
        BrokerOperation operation, ServiceBusReceivedMessage message, IDictionary<string, object> properties, string reason, string description,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (ReceiveMode != ServiceBusReceiveMode.PeekLock)
            throw new InvalidOperationException("The operation is only supported in 'PeekLock' receive mode.");
        var request = new BrokerRequest
        {
            Operation = operation,
            Entity = EntityPath,
            LockToken = message.LockTokenGuid,
            Properties = properties is null ? null : new Dictionary<string, object>(properties, StringComparer.Ordinal),
            Reason = reason,
            Description = description,
        };
        await CallAsync(request, cancellationToken);
    }

    private ValueTask<BrokerReply> CallAsync(BrokerRequest request, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        return _client.CallAsync(request, cancellationToken);
    }
}
