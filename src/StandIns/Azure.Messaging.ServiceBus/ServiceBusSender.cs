using Azure.Messaging.ServiceBus.Broker;

namespace Azure.Messaging.ServiceBus;

public class ServiceBusSender : IAsyncDisposable
{
    private readonly ServiceBusClient _client;
    private volatile bool _isClosed;

    protected ServiceBusSender()
    {
    }

    internal ServiceBusSender(ServiceBusClient client, string queueOrTopicName) =>
        (_client, EntityPath, Identifier) = (client, queueOrTopicName, $"{queueOrTopicName}-{Guid.NewGuid()}");

    public virtual string EntityPath { get; }

    public virtual string FullyQualifiedNamespace => _client.FullyQualifiedNamespace;

    public virtual string Identifier { get; }

    public virtual bool IsClosed => _isClosed;

    public virtual Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return SendAsync([BrokerMessage.From(message)], cancellationToken);
    }

    public virtual Task SendMessagesAsync(IEnumerable<ServiceBusMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return SendAsync([.. messages.Select(BrokerMessage.From)], cancellationToken);
    }

    public virtual Task SendMessagesAsync(ServiceBusMessageBatch messageBatch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messageBatch);
        return SendAsync(messageBatch.Messages, cancellationToken);
    }

    public virtual async ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(CancellationToken cancellationToken = default) =>
        await CreateMessageBatchAsync(new CreateMessageBatchOptions(), cancellationToken);

    public virtual ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(
        CreateMessageBatchOptions options, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var size = options?.MaxSizeInBytes ?? BrokerMessage.MaxSizeInBytes;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, BrokerMessage.MaxSizeInBytes, nameof(options));
        return ValueTask.FromResult(new ServiceBusMessageBatch(size));
    }

    public virtual async Task<long> ScheduleMessageAsync(
        ServiceBusMessage message, DateTimeOffset scheduledEnqueueTime, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var wire = BrokerMessage.From(message);
        wire.ScheduledTime = scheduledEnqueueTime;
        return (await SendAsync([wire], cancellationToken))[0];
    }

    public virtual async Task CancelScheduledMessageAsync(long sequenceNumber, CancellationToken cancellationToken = default) =>
        await CallAsync(
            new BrokerRequest { Operation = BrokerOperation.CancelScheduled, Entity = EntityPath, SequenceNumber = sequenceNumber },
            cancellationToken);

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

    private async Task<long[]> SendAsync(BrokerMessage[] messages, CancellationToken cancellationToken)
    {
        if (messages.Length == 0)
            return [];
        var request = new BrokerRequest { Operation = BrokerOperation.Send, Entity = EntityPath, Messages = messages };
        return (await CallAsync(request, cancellationToken)).SequenceNumbers;
    }

    private ValueTask<BrokerReply> CallAsync(BrokerRequest request, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        return _client.CallAsync(request, cancellationToken);
    }
}
