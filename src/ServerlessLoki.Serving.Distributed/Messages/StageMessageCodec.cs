using Google.Protobuf;
using ServerlessLoki.Serving.Distributed.Messages.Wire;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Bytes of a <see cref="StageMessage"/>: Protobuf, by <c>stage.proto</c>.</summary>
public static class StageMessageCodec
{
    /// <summary>Writes a message.</summary>
    /// <param name="message">Names and tokens of at most 4,096 bytes in UTF-8.</param>
    public static byte[] Write(StageMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var wire = new Wire.StageMessage
        {
            QueryId = message.QueryId,
            ReplyTo = message.ReplyTo,
            Pipeline = message.Pipeline,
            Task = message.Task,
            Variant = message.Variant,
            Edge = message.Edge,
            ParentStart = WireForms.Of(message.ParentStart),
            ParentStamp = message.ParentStamp,
            ParentRow = message.ParentRow,
            Region = WireForms.Of(message.Region),
            ItemKey = message.ItemKey,
            Credit = WireForms.Of(message.Credit),
            Accuracy = message.Accuracy,
            QueuedUs = message.QueuedUs,
            ComputedUs = message.ComputedUs,
            Attempts = message.Attempts,
            Round = message.Round,
            Arrival = WireForms.Of(message.Arrival),
            Enqueued = WireForms.Of(message.Enqueued),
            Deadline = message.Deadline is { } deadline ? WireForms.Of(deadline) : null,
            MinAccuracy = message.MinAccuracy,
            PlanVersion = message.PlanVersion,
            ReturnOnly = message.ReturnOnly,
            Input = WireForms.Of(message.Input),
            Tensor = WireForms.Of(message.Tensor),
            Version = WireForms.Version,
        };
        if (message.ParentTask is { } parent)
            wire.ParentTask = parent;
        return wire.ToByteArray();
    }

    /// <summary>Reads a message.</summary>
    /// <param name="body">The whole body; nothing of it is kept.</param>
    /// <exception cref="FormatException">It is no message of a version known here; says which field, what was found and what is allowed.</exception>
    public static StageMessage Read(ReadOnlyMemory<byte> body)
    {
        var check = new WireCheck("stage message");
        var wire = check.Parse(Wire.StageMessage.Parser, body);
        check.Version(wire.Version);
        return new StageMessage
        {
            QueryId = check.Text(wire.QueryId),
            ReplyTo = check.Text(wire.ReplyTo),
            Pipeline = check.Text(wire.Pipeline),
            Task = check.Text(wire.Task),
            Variant = check.Text(wire.Variant),
            Edge = check.Int(wire.Edge, -1),
            ParentTask = wire.HasParentTask ? check.Text(wire.ParentTask) : null,
            ParentStart = check.Big(wire.ParentStart),
            ParentStamp = wire.ParentStamp,
            ParentRow = check.Int(wire.ParentRow, -1),
            Region = check.Row(wire.Region),
            ItemKey = wire.ItemKey,
            Credit = check.Credit(wire.Credit),
            Accuracy = check.Unit(wire.Accuracy),
            QueuedUs = check.Long(wire.QueuedUs),
            ComputedUs = check.Long(wire.ComputedUs),
            Attempts = check.Int(wire.Attempts, 0),
            Round = check.Int(wire.Round, 0),
            Arrival = check.Time(wire.Arrival),
            Enqueued = check.Time(wire.Enqueued),
            Deadline = check.TimeOrNull(wire.Deadline),
            MinAccuracy = check.Unit(wire.MinAccuracy),
            PlanVersion = check.Long(wire.PlanVersion),
            ReturnOnly = wire.ReturnOnly,
            Input = check.Payload(wire.Input),
            Tensor = check.Payload(wire.Tensor),
        };
    }
}
