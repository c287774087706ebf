namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Bytes of a <see cref="StageMessage"/>: a version, then the fields in the order below.</summary>
public static class StageMessageCodec
{
    private const byte Version = 3;
    private const int FieldBytes = 512;

    /// <summary>Writes a message.</summary>
    /// <param name="message">Names and tokens of at most 4,096 bytes in UTF-8.</param>
    public static byte[] Write(StageMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var writer = new WireWriter(FieldBytes + (message.Input?.Bytes.Length ?? 0) + (message.Tensor?.Bytes.Length ?? 0));
        writer.Byte(Version);
        writer.Text(message.QueryId);
        writer.Text(message.ReplyTo);
        writer.Text(message.Pipeline);
        writer.Text(message.Task);
        writer.Text(message.Variant);
        writer.Int(message.Edge);
        writer.Text(message.ParentTask);
        writer.Big(message.ParentStart);
        writer.ULong(message.ParentStamp);
        writer.Int(message.ParentRow);
        writer.Row(message.Region);
        writer.ULong(message.ItemKey);
        writer.Credit(message.Credit);
        writer.Double(message.Accuracy);
        writer.Long(message.QueuedUs);
        writer.Long(message.ComputedUs);
        writer.Int(message.Attempts);
        writer.Int(message.Round);
        writer.Time(message.Arrival);
        writer.Time(message.Enqueued);
        writer.Time(message.Deadline);
        writer.Double(message.MinAccuracy);
        writer.Long(message.PlanVersion);
        writer.Bool(message.ReturnOnly);
        writer.Payload(message.Input);
        writer.Payload(message.Tensor);
        return writer.ToArray();
    }

    /// <summary>Reads a message.</summary>
    /// <param name="body">The whole body; payloads are parts of it and not copied.</param>
    /// <exception cref="FormatException">It is no message of a version known here; says where, what was found and what is allowed.</exception>
    public static StageMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new WireReader(body, "stage message");
        reader.Header(Version);
        var message = new StageMessage
        {
            QueryId = reader.Text("query id"),
            ReplyTo = reader.Text("reply to"),
            Pipeline = reader.Text("pipeline"),
            Task = reader.Text("task"),
            Variant = reader.Text("variant"),
            Edge = reader.Int("edge", -1, int.MaxValue),
            ParentTask = reader.TextOrNull("parent task"),
            ParentStart = reader.Big("parent start"),
            ParentStamp = reader.ULong("parent stamp"),
            ParentRow = reader.Int("parent row", -1, int.MaxValue),
            Region = reader.Row("region"),
            ItemKey = reader.ULong("item key"),
            Credit = reader.Credit("credit"),
            Accuracy = reader.Unit("accuracy"),
            QueuedUs = reader.Long("queued"),
            ComputedUs = reader.Long("computed"),
            Attempts = reader.Int("attempts", 0, int.MaxValue),
            Round = reader.Int("round", 0, int.MaxValue),
            Arrival = reader.Time("arrival"),
            Enqueued = reader.Time("enqueued"),
            Deadline = reader.TimeOrNull("deadline"),
            MinAccuracy = reader.Unit("least accuracy"),
            PlanVersion = reader.Long("plan version"),
            ReturnOnly = reader.Bool("return only"),
            Input = reader.Payload("input"),
            Tensor = reader.Payload("tensor"),
        };
        reader.End();
        return message;
    }
}
