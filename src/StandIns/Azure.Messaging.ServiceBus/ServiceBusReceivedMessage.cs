using Azure.Messaging.ServiceBus.Broker;

namespace Azure.Messaging.ServiceBus;

public class ServiceBusReceivedMessage
{
    internal const string ReasonKey = "DeadLetterReason";
    internal const string DescriptionKey = "DeadLetterErrorDescription";
    private readonly BrokerMessage _message;

    internal ServiceBusReceivedMessage(BrokerMessage message)
    {
        _message = message;
        Body = BinaryData.FromBytes(message.Body);
        LockedUntil = message.LockedUntil;
    }

    public IReadOnlyDictionary<string, object> ApplicationProperties => _message.Properties;

    public BinaryData Body { get; }

    public string ContentType => _message.ContentType;

    public string CorrelationId => _message.CorrelationId;

    public string DeadLetterErrorDescription => _message.Properties.GetValueOrDefault(DescriptionKey) as string;

    public string DeadLetterReason => _message.Properties.GetValueOrDefault(ReasonKey) as string;

    public int DeliveryCount => _message.DeliveryCount;

    public DateTimeOffset EnqueuedTime => _message.EnqueuedTime;

    public DateTimeOffset ExpiresAt => _message.ExpiresAt;

    public DateTimeOffset LockedUntil { get; internal set; }

    public string LockToken => _message.LockToken.ToString();

    public string MessageId => _message.MessageId;

    public string ReplyTo => _message.ReplyTo;

    public DateTimeOffset ScheduledEnqueueTime => _message.ScheduledTime ?? default;

    public long SequenceNumber => _message.SequenceNumber;

    public ServiceBusMessageState State => _message.IsScheduled ? ServiceBusMessageState.Scheduled : ServiceBusMessageState.Active;

    public string Subject => _message.Subject;

    public TimeSpan TimeToLive => _message.TimeToLive;

    public string To => _message.To;

    internal Guid LockTokenGuid => _message.LockToken;

    public override string ToString() => $"{{MessageId:{MessageId}}}";
}
