namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

/// <summary>Queue restored from its journal, by reading the entries of <see cref="QueueLog"/> in order.</summary>
internal sealed class RecoveredQueue
{
    private readonly Dictionary<(bool IsDead, long Number), BrokerMessage> _messages = [];
    private readonly List<(DateTimeOffset Until, string Id)> _ids = [];

    /// <summary>Settings of the queue; null when the journal does not contain them.</summary>
    public QueueSettings? Settings { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public long Sequence { get; private set; }

    public IEnumerable<(DateTimeOffset Until, string Id)> Ids => _ids.OrderBy(static i => i.Until);

    public IEnumerable<BrokerMessage> Messages(bool isDead) => _messages.Where(m => m.Key.IsDead == isDead).Select(static m => m.Value);

    public void Read(ReadOnlyMemory<byte> frame)
    {
        using var reader = new BinaryReader(new MemoryStream(frame.ToArray()));
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            var kind = (RecordKind)reader.ReadByte();
            switch (kind)
            {
                case RecordKind.Settings:
                    ReadSettings(reader);
                    break;
                case RecordKind.SeenId:
                    var id = reader.ReadString();
                    _ids.Add((Time(reader), id));
                    break;
                default:
                    ReadMessage(kind, reader);
                    break;
            }
        }
    }

    private static DateTimeOffset Time(BinaryReader reader) => new(reader.ReadInt64(), TimeSpan.Zero);

    private static void ReadLock(BrokerMessage message, BinaryReader reader)
    {
        message.DeliveryCount = reader.ReadInt32();
        message.LockToken = new Guid(reader.ReadBytes(16));
        message.LockedUntil = Time(reader);
    }

    private static byte[] Bytes(BinaryReader reader) => reader.ReadBytes(reader.ReadInt32());

    private void ReadSettings(BinaryReader reader)
    {
        Settings = new QueueSettings
        {
            Name = reader.ReadString(),
            LockDuration = new TimeSpan(reader.ReadInt64()),
            MaxDeliveryCount = reader.ReadInt32(),
            DefaultMessageTimeToLive = new TimeSpan(reader.ReadInt64()),
            AutoDeleteOnIdle = new TimeSpan(reader.ReadInt64()),
            DeadLetteringOnMessageExpiration = reader.ReadBoolean(),
            RequiresDuplicateDetection = reader.ReadBoolean(),
            DuplicateDetectionHistoryTimeWindow = new TimeSpan(reader.ReadInt64()),
            UserMetadata = reader.ReadString() is { Length: > 0 } text ? text : null,
        };
        CreatedAt = Time(reader);
        Sequence = Math.Max(Sequence, reader.ReadInt64());
    }

    private void ReadMessage(RecordKind kind, BinaryReader reader)
    {
        var key = (IsDead: reader.ReadBoolean(), Number: reader.ReadInt64());
        Sequence = Math.Max(Sequence, key.Number);
        if (kind == RecordKind.Message)
        {
            _messages[key] = NewMessage(key.Number, reader);
            return;
        }

        if (!_messages.TryGetValue(key, out var message))
            throw new InvalidDataException($"The journal speaks of message {key.Number}, which is not there.");
        switch (kind)
        {
            case RecordKind.Locked:
                message.State = MessageState.Locked;
                ReadLock(message, reader);
                break;
            case RecordKind.Free:
                message.State = MessageState.Ready;
                message.DeliveryCount = reader.ReadInt32();
                message.Modify(ChangedProperties.Decode(Bytes(reader)));
                break;
            case RecordKind.Gone:
                _messages.Remove(key);
                break;
            case RecordKind.DeadLettered:
                message.ToDeadLetter();
                message.Modify(ChangedProperties.Decode(Bytes(reader)));
                _messages.Remove(key);
                _messages.Add((IsDead: true, key.Number), message);
                break;
            default:
                throw new InvalidDataException($"The journal has a record of an unknown kind: {(byte)kind}.");
        }
    }

    private BrokerMessage NewMessage(long number, BinaryReader reader)
    {
        var state = (MessageState)reader.ReadByte();
        var (hasId, id) = (reader.ReadBoolean(), reader.ReadString());
        var scheduled = reader.ReadInt64();
        var timeToLive = new TimeSpan(reader.ReadInt64());
        var (sent, enqueued, expires) = (Time(reader), Time(reader), Time(reader));
        var header = new BrokerMessage { Wire = [] };
        ReadLock(header, reader);
        var changes = ChangedProperties.Decode(Bytes(reader));
        var message = new BrokerMessage
        {
            Wire = Bytes(reader),
            MessageId = hasId ? id : null,
            ScheduledTime = scheduled == 0 ? null : new DateTimeOffset(scheduled, TimeSpan.Zero),
            TimeToLive = timeToLive,
            State = state,
            SequenceNumber = number,
            SentAt = sent,
            EnqueuedTime = enqueued,
            ExpiresAt = expires,
            DeliveryCount = header.DeliveryCount,
            LockToken = header.LockToken,
            LockedUntil = header.LockedUntil,
        };
        message.Modify(changes);
        if (Settings is { RequiresDuplicateDetection: true } settings && message.MessageId is { } seen)
            _ids.Add((sent + settings.DuplicateDetectionHistoryTimeWindow, seen));
        return message;
    }
}
