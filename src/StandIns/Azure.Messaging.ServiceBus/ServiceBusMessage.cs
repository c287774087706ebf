namespace Azure.Messaging.ServiceBus;

public class ServiceBusMessage
{
    private const int MaxIdLength = 128;
    private string _messageId;
    private TimeSpan _timeToLive = TimeSpan.MaxValue;

    public ServiceBusMessage()
        : this(default(ReadOnlyMemory<byte>))
    {
    }

    public ServiceBusMessage(string body)
        : this(BinaryData.FromString(body))
    {
    }

    public ServiceBusMessage(ReadOnlyMemory<byte> body)
        : this(BinaryData.FromBytes(body))
    {
    }

    public ServiceBusMessage(BinaryData body)
    {
        ArgumentNullException.ThrowIfNull(body);
        Body = body;
    }

    public ServiceBusMessage(ServiceBusReceivedMessage receivedMessage)
    {
        ArgumentNullException.ThrowIfNull(receivedMessage);
        Body = receivedMessage.Body;
        ContentType = receivedMessage.ContentType;
        CorrelationId = receivedMessage.CorrelationId;
        MessageId = receivedMessage.MessageId;
        ReplyTo = receivedMessage.ReplyTo;
        Subject = receivedMessage.Subject;
        TimeToLive = receivedMessage.TimeToLive;
        To = receivedMessage.To;
        foreach (var (name, value) in receivedMessage.ApplicationProperties)
        {
            if (name is not (ServiceBusReceivedMessage.ReasonKey or ServiceBusReceivedMessage.DescriptionKey))
                ApplicationProperties[name] = value;
        }
    }

    public IDictionary<string, object> ApplicationProperties { get; } = new Dictionary<string, object>(StringComparer.Ordinal);

    public BinaryData Body { get; set; }

    public string ContentType { get; set; }

    public string CorrelationId { get; set; }

    public string MessageId
    {
        get => _messageId;
        set
        {
            ArgumentException.ThrowIfNullOrEmpty(value);
            if (value.Length > MaxIdLength)
                throw new ArgumentException($"MessageId has {value.Length} characters; at most {MaxIdLength} are allowed.", nameof(value));
            _messageId = value;
        }
    }

    public string ReplyTo { get; set; }

    public DateTimeOffset ScheduledEnqueueTime { get; set; }

    public string Subject { get; set; }

    public TimeSpan TimeToLive
    {
        get => _timeToLive;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            _timeToLive = value;
        }
    }

    public string To { get; set; }

    public override string ToString() => $"{{MessageId:{MessageId}}}";
}
