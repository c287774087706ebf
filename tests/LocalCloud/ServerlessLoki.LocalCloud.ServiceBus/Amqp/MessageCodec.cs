using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;
using Microsoft.Azure.Amqp.Framing;
using ServerlessLoki.LocalCloud.ServiceBus.Queues;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>Encoding of messages: receivers get the sender's bytes with the broker's header and annotations.</summary>
internal static class MessageCodec
{
    private const string ScheduledTime = "x-opt-scheduled-enqueue-time";
    private static readonly MapKey[] OwnAnnotations =
        [.. new[] { "x-opt-sequence-number", "x-opt-enqueued-time", "x-opt-locked-until", "x-opt-enqueue-sequence-number", "x-opt-message-state" }.Select(Symbol)];

    /// <exception cref="AmqpException">This is no message, or one with what this broker does not do.</exception>
    public static BrokerMessage ReadEncoded(ArraySegment<byte> encoded) => Read(Checked(encoded));

    /// <summary>Reads the messages of one transfer: one, or several in an envelope.</summary>
    public static List<BrokerMessage> ReadTransfer(AmqpMessage transfer)
    {
        var wire = Wire(transfer);
        return transfer.MessageFormat == AmqpConstants.AmqpBatchedMessageFormat ? [.. (transfer.DataBody ?? []).Select(static d => Read(Checked(d.Value)))] : [Read(wire)];
    }

    /// <summary>Returns the bytes of a complete message.</summary>
    /// <exception cref="AmqpException">The bytes are malformed.</exception>
    public static byte[] Wire(AmqpMessage transfer)
    {
        using var stream = (BufferListStream)((BufferListStream)transfer.ToStream()).Clone();
        return Checked(stream.ReadBytes((int)stream.Length));
    }

    /// <summary>Writes a message for a receiver.</summary>
    public static BufferListStream Write(BrokerMessage message, bool isPeek)
    {
        var sections = WireSections.Of(message.Wire);
        var buffer = new ByteBuffer(512, autoGrow: true);
        new Header
        {
            // Clients count the delivery that they just got themselves.
            DeliveryCount = (uint)Math.Max(0, isPeek ? message.DeliveryCount : message.DeliveryCount - 1),
            Ttl = message.TimeToLive.TotalMilliseconds <= uint.MaxValue ? (uint)message.TimeToLive.TotalMilliseconds : null,
        }.Encode(buffer);
        Annotations(message, sections, isPeek).Encode(buffer);
        WriteProperties(message, sections, buffer);
        WriteApplicationProperties(message, sections, buffer);
        return new BufferListStream([new(buffer.Buffer, buffer.Offset, buffer.Length), Segment(message.Wire, sections.Body)]);
    }

    private static BrokerMessage Read(byte[] wire)
    {
        var sections = WireSections.Of(wire);
        var header = Section(wire, sections.Header, static () => new Header());
        var properties = Section(wire, sections.Properties, static () => new Properties());
        var annotations = Section(wire, sections.MessageAnnotations, static () => new MessageAnnotations());
        // What is passed on as bytes must be readable for those who get it.
        _ = Section(wire, sections.ApplicationProperties, static () => new ApplicationProperties());
        if (properties?.GroupId is not null)
            throw new AmqpException(AmqpErrorCode.NotImplemented, "Sessions are not served by this broker for development: send without a session id.");
        DateTime? scheduled = annotations is not null && annotations.Map.TryGetValue<DateTime>(Symbol(ScheduledTime), out var at) ? at : null;
        return new BrokerMessage
        {
            Wire = wire,
            MessageId = properties?.MessageId?.ToString(),
            ScheduledTime = scheduled is { } time ? new DateTimeOffset(time.ToUniversalTime()) : null,
            TimeToLive = header?.Ttl is { } ttl ? TimeSpan.FromMilliseconds(ttl) : TimeSpan.MaxValue,
        };
    }

    private static MapKey Symbol(string name) => new(new AmqpSymbol(name));

    private static MessageAnnotations Annotations(BrokerMessage message, WireSections sections, bool isPeek)
    {
        var annotations = Section(message.Wire, sections.MessageAnnotations, static () => new MessageAnnotations()) ?? new MessageAnnotations();
        var state = message.State == MessageState.Scheduled ? 2 : 0;
        object?[] values = [message.SequenceNumber, message.EnqueuedTime.UtcDateTime, isPeek ? null : message.LockedUntil.UtcDateTime, message.SequenceNumber, state];
        foreach (var (key, value) in OwnAnnotations.Zip(values))
        {
            if (value is not null)
                annotations.Map[key] = value;
        }

        return annotations;
    }

    private static void WriteProperties(BrokerMessage message, WireSections sections, ByteBuffer buffer)
    {
        var properties = Section(message.Wire, sections.Properties, static () => new Properties());
        // When it expires is for the broker to say, not for the sender's clock; clients take its life from both times.
        if (properties?.AbsoluteExpiryTime is null)
        {
            WriteBytes(buffer, Segment(message.Wire, sections.Properties));
            return;
        }

        properties.AbsoluteExpiryTime = message.ExpiresAt.UtcDateTime < AmqpConstants.MaxAbsoluteExpiryTime ? message.ExpiresAt.UtcDateTime : null;
        properties.CreationTime = message.EnqueuedTime.UtcDateTime;
        properties.Encode(buffer);
    }

    private static void WriteApplicationProperties(BrokerMessage message, WireSections sections, ByteBuffer buffer)
    {
        if (message.Changes.Count == 0)
        {
            WriteBytes(buffer, Segment(message.Wire, sections.ApplicationProperties));
            return;
        }

        var properties = Section(message.Wire, sections.ApplicationProperties, static () => new ApplicationProperties()) ?? new ApplicationProperties();
        foreach (var (name, value) in message.Changes)
        {
            if (value is null)
                properties.Map.TryRemoveValue<object>(new MapKey(name), out _);
            else
                properties.Map[new MapKey(name)] = value;
        }

        properties.Encode(buffer);
    }

    private static void WriteBytes(ByteBuffer buffer, ArraySegment<byte> bytes)
    {
        if (bytes.Count > 0)
            AmqpBitConverter.WriteBytes(buffer, bytes.Array!, bytes.Offset, bytes.Count);
    }

    private static T? Section<T>(byte[] wire, Range range, Func<T> make)
        where T : AmqpDescribed
    {
        var segment = Segment(wire, range);
        if (segment.Count == 0)
            return null;
        var section = make();
        section.Decode(new ByteBuffer(segment));
        return section;
    }

    private static ArraySegment<byte> Segment(byte[] wire, Range range)
    {
        var (offset, length) = range.GetOffsetAndLength(wire.Length);
        return new ArraySegment<byte>(wire, offset, length);
    }

    private static byte[] Checked(object data)
    {
        byte[] bytes = data switch
        {
            ArraySegment<byte> segment => [.. segment],
            byte[] array => [.. array],
            _ => throw new AmqpException(AmqpErrorCode.DecodeError, "A batch holds something that is no message."),
        };
        ValueGuard.CheckAll(bytes);
        return bytes;
    }
}
