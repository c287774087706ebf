namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>The mirror of <see cref="WireWriter"/>.</summary>
internal sealed class WireReader(Stream stream) : BinaryReader(stream)
{
    public BrokerRequest Request() => new()
    {
        Operation = (BrokerOperation)ReadByte(),
        Entity = ReadString(),
        Messages = Messages(),
        MaxMessages = ReadInt32(),
        MaxWait = Span(),
        IsDelete = ReadBoolean(),
        LockToken = Id(),
        SequenceNumber = ReadInt64(),
        Properties = ReadBoolean() ? Properties() : null,
        Reason = Text(),
        Description = Text(),
        Settings = ReadBoolean() ? Settings() : null,
    };

    public BrokerReply Reply()
    {
        var failure = ReadInt32();
        return new BrokerReply
        {
            Failure = failure < 0 ? null : (ServiceBusFailureReason)failure,
            Error = Text(),
            Messages = Messages(),
            SequenceNumbers = Many(ReadInt64),
            LockedUntil = Time(),
            Queues = Many(State),
        };
    }

    private BrokerMessage[] Messages() => Many(() => new BrokerMessage
    {
        Body = ReadBytes(ReadInt32()),
        MessageId = Text(),
        CorrelationId = Text(),
        Subject = Text(),
        To = Text(),
        ReplyTo = Text(),
        ContentType = Text(),
        TimeToLive = Span(),
        Properties = Properties(),
        ScheduledTime = Scheduled(),
        IsScheduled = ReadBoolean(),
        SequenceNumber = ReadInt64(),
        EnqueuedTime = Time(),
        ExpiresAt = Time(),
        DeliveryCount = ReadInt32(),
        LockToken = Id(),
        LockedUntil = Time(),
    });

    private QueueState State() => new()
    {
        Settings = Settings(),
        Active = ReadInt64(),
        Scheduled = ReadInt64(),
        DeadLetters = ReadInt64(),
        SizeInBytes = ReadInt64(),
        CreatedAt = Time(),
        UpdatedAt = Time(),
        AccessedAt = Time(),
    };

    private QueueSettings Settings() => new()
    {
        Name = ReadString(),
        LockDuration = Span(),
        MaxDeliveryCount = ReadInt32(),
        DefaultMessageTimeToLive = Span(),
        AutoDeleteOnIdle = Span(),
        DeadLetteringOnMessageExpiration = ReadBoolean(),
        RequiresDuplicateDetection = ReadBoolean(),
        DuplicateDetectionHistoryTimeWindow = Span(),
        UserMetadata = Text(),
    };

    private Dictionary<string, object> Properties()
    {
        var properties = new Dictionary<string, object>(StringComparer.Ordinal);
        for (var left = ReadInt32(); left > 0; left--)
            properties.Add(ReadString(), Value());
        return properties;
    }

    private object Value() => ReadByte() switch
    {
        0 => null,
        1 => ReadString(),
        2 => ReadBoolean(),
        3 => ReadInt32(),
        4 => ReadInt64(),
        5 => ReadDouble(),
        6 => Id(),
        7 => Time(),
        var kind => throw new InvalidDataException($"Unknown kind of property {kind}."),
    };

    private DateTimeOffset? Scheduled()
    {
        var isSet = ReadBoolean();
        var time = Time();
        return isSet ? time : null;
    }

    private T[] Many<T>(Func<T> read)
    {
        var items = new T[ReadInt32()];
        for (var i = 0; i < items.Length; i++)
            items[i] = read();
        return items;
    }

    private string Text() => ReadBoolean() ? ReadString() : null;

    private Guid Id() => new(ReadBytes(16));

    private TimeSpan Span() => new(ReadInt64());

    private DateTimeOffset Time() => new(ReadInt64(), TimeSpan.Zero);
}
