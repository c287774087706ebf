namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>What the broker answers; which members matter depends on the operation.</summary>
internal sealed record BrokerReply
{
    public static readonly BrokerReply Done = new();

    /// <summary>Why it was refused; null = it was done.</summary>
    public ServiceBusFailureReason? Failure { get; init; }

    public string Error { get; init; }

    public BrokerMessage[] Messages { get; init; } = [];

    public long[] SequenceNumbers { get; init; } = [];

    public DateTimeOffset LockedUntil { get; init; }

    public QueueState[] Queues { get; init; } = [];

    public static BrokerReply Refused(ServiceBusFailureReason failure, string error) => new() { Failure = failure, Error = error };

    public BrokerReply Checked(string entity) =>
        Failure is { } failure ? throw new ServiceBusException(Error, failure, entity) : this;
}
