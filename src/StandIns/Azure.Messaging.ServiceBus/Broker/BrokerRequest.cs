namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>What a client asks; which members matter depends on the operation.</summary>
internal sealed record BrokerRequest
{
    public BrokerOperation Operation { get; init; }

    /// <summary>Queue name, or its name and <see cref="BrokerQueue.DeadLetterSuffix"/>.</summary>
    public string Entity { get; init; } = "";

    public BrokerMessage[] Messages { get; init; } = [];

    public int MaxMessages { get; init; }

    public TimeSpan MaxWait { get; init; }

    public bool IsDelete { get; init; }

    public Guid LockToken { get; init; }

    public long SequenceNumber { get; init; }

    public Dictionary<string, object> Properties { get; init; }

    public string Reason { get; init; }

    public string Description { get; init; }

    public QueueSettings Settings { get; init; }
}
