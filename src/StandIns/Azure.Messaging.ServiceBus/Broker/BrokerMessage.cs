namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>A message as the broker keeps and hands out: a copy per delivery, so that nobody changes another's.</summary>
internal sealed class BrokerMessage
{
    /// <summary>The Standard tier's and the emulator's limit; for one message and for one send.</summary>
    public const long MaxSizeInBytes = 256 * 1024;

    /// <summary>What the service's own header takes, roughly.</summary>
    private const int HeaderBytes = 64;

    public byte[] Body { get; init; } = [];

    public string MessageId { get; init; }

    public string CorrelationId { get; init; }

    public string Subject { get; init; }

    public string To { get; init; }

    public string ReplyTo { get; init; }

    public string ContentType { get; init; }

    public TimeSpan TimeToLive { get; set; } = TimeSpan.MaxValue;

    public Dictionary<string, object> Properties { get; set; } = new(StringComparer.Ordinal);

    public DateTimeOffset? ScheduledTime { get; set; }

    public bool IsScheduled { get; set; }

    public long SequenceNumber { get; set; }

    public DateTimeOffset EnqueuedTime { get; set; }

    public DateTimeOffset ExpiresAt { get; set; } = DateTimeOffset.MaxValue;

    public int DeliveryCount { get; set; }

    public Guid LockToken { get; set; }

    public DateTimeOffset LockedUntil { get; set; }

    /// <summary>Body, names and values as UTF-8, and a fixed share for the header.</summary>
    public long SizeInBytes => HeaderBytes + Body.Length + Length(MessageId) + Length(CorrelationId) + Length(Subject) + Length(To)
        + Length(ReplyTo) + Length(ContentType) + Properties.Sum(static p => Length(p.Key) + (p.Value is string text ? Length(text) : 16));

    public static BrokerMessage From(ServiceBusMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return new BrokerMessage
        {
            Body = message.Body.ToArray(),
            // The package gives every message an id; duplicate detection needs one.
            MessageId = message.MessageId ?? Guid.NewGuid().ToString("N"),
            CorrelationId = message.CorrelationId,
            Subject = message.Subject,
            To = message.To,
            ReplyTo = message.ReplyTo,
            ContentType = message.ContentType,
            TimeToLive = message.TimeToLive,
            Properties = Checked(message.ApplicationProperties),
            ScheduledTime = message.ScheduledEnqueueTime == default ? null : message.ScheduledEnqueueTime,
        };
    }

    public BrokerMessage Copy()
    {
        var copy = (BrokerMessage)MemberwiseClone();
        copy.Properties = new Dictionary<string, object>(Properties, StringComparer.Ordinal);
        return copy;
    }

    /// <summary>Changes or, by null, removes properties.</summary>
    public void Modify(IReadOnlyDictionary<string, object> properties)
    {
        foreach (var (name, value) in properties ?? new Dictionary<string, object>(StringComparer.Ordinal))
        {
            if (value is null)
                Properties.Remove(name);
            else
                Properties[name] = value;
        }
    }

    private static Dictionary<string, object> Checked(IDictionary<string, object> properties)
    {
        foreach (var (name, value) in properties)
        {
            if (value is not (null or string or bool or int or long or double or Guid or DateTimeOffset))
                throw BrokerAddress.NotCovered($"ApplicationProperties[\"{name}\"] of type {value.GetType()}");
        }

        return new Dictionary<string, object>(properties, StringComparer.Ordinal);
    }

    private static int Length(string text) => text is null ? 0 : System.Text.Encoding.UTF8.GetByteCount(text);
}
