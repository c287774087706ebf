using Google.Protobuf;
using ServerlessLoki.Serving.Distributed.Messages.Wire;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Encoding of a <see cref="StageMessage"/>: Protobuf, by <c>stage.proto</c>.</summary>
public static class StageMessageCodec
{
    /// <summary>Writes a message.</summary>
    /// <param name="message">Names and tokens of at most 4,096 bytes in UTF-8.</param>
    public static byte[] Write(StageMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return new Wire.StageMessage
        {
            Work = WireForms.Of(message),
            ReplyTo = message.ReplyTo,
            Edge = message.Edge,
            Region = WireForms.Of(message.Region),
            Attempts = message.Attempts,
            Arrival = WireForms.Of(message.Arrival),
            Enqueued = WireForms.Of(message.Enqueued),
            Deadline = message.Deadline is { } deadline ? WireForms.Of(deadline) : null,
            MinAccuracy = message.MinAccuracy,
            WantsProbabilities = message.WantsProbabilities,
            PlanVersion = message.PlanVersion,
            ReturnOnly = message.ReturnOnly,
            Input = WireForms.Of(message.Input),
            Tensor = WireForms.Of(message.Tensor),
            Arguments = WireForms.Of(message.Arguments),
            Version = WireForms.Version,
        }.ToByteArray();
    }

    /// <summary>Reads a message.</summary>
    /// <param name="body">Whole body; nothing of it is kept.</param>
    /// <exception cref="FormatException">The body is no message of a known version; says which field, what was found and what is
    /// allowed.</exception>
    public static StageMessage Read(ReadOnlyMemory<byte> body)
    {
        var check = new WireCheck("stage message");
        var wire = check.Parse(Wire.StageMessage.Parser, body);
        check.Version(wire.Version);
        return new StageMessage(check.Work(wire.Work))
        {
            ReplyTo = check.Text(wire.ReplyTo),
            Edge = check.Int(wire.Edge, -1),
            Region = check.Row(wire.Region),
            Attempts = check.Int(wire.Attempts, 0),
            Arrival = check.Time(wire.Arrival),
            Enqueued = check.Time(wire.Enqueued),
            Deadline = check.TimeOrNull(wire.Deadline),
            MinAccuracy = check.Unit(wire.MinAccuracy),
            WantsProbabilities = wire.WantsProbabilities,
            PlanVersion = check.Long(wire.PlanVersion),
            ReturnOnly = wire.ReturnOnly,
            Input = check.Payload(wire.Input),
            Tensor = check.Payload(wire.Tensor),
            Arguments = check.Payload(wire.Arguments),
        };
    }
}
