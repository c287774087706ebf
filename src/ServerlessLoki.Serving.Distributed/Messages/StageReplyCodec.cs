using System.Collections.Immutable;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Bytes of a <see cref="StageReply"/>: a version, then the fields in the order below.</summary>
public static class StageReplyCodec
{
    private const byte Version = 3;
    private const int FieldBytes = 384;
    private const int RowBytes = 24;

    /// <summary>Writes a reply. An error of more than 4,096 bytes in UTF-8 is cut.</summary>
    public static byte[] Write(StageReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var writer = new WireWriter(FieldBytes + (reply.Rows.Length * RowBytes) + (reply.Tensor?.Bytes.Length ?? 0));
        writer.Byte(Version);
        writer.Text(reply.QueryId);
        writer.Text(reply.Pipeline);
        writer.Text(reply.Task);
        writer.Text(reply.Variant);
        writer.Text(reply.ParentTask);
        writer.Big(reply.ParentStart);
        writer.ULong(reply.ParentStamp);
        writer.Int(reply.ParentRow);
        writer.ULong(reply.ItemKey);
        writer.Credit(reply.Credit);
        writer.Int(reply.Children);
        writer.Int(reply.Round);
        writer.Double(reply.Accuracy);
        writer.Long(reply.QueuedUs);
        writer.Long(reply.ComputedUs);
        writer.Int(reply.Rows.Length);
        foreach (ref readonly var row in reply.Rows.AsSpan())
            writer.Row(row);
        writer.Payload(reply.Tensor);
        writer.Bool(reply.Failure is not null);
        if (reply.Failure is { } failure)
        {
            writer.Byte((byte)failure.Outcome);
            writer.Text(Short(failure.Error));
            writer.Long(failure.RetryAfter?.Ticks ?? -1);
        }

        writer.Text(reply.Worker);
        return writer.ToArray();
    }

    /// <summary>Reads a reply.</summary>
    /// <param name="body">The whole body; a tensor is part of it and not copied.</param>
    /// <exception cref="FormatException">It is no reply of a version known here; says where, what was found and what is allowed.</exception>
    public static StageReply Read(ReadOnlyMemory<byte> body)
    {
        var reader = new WireReader(body, "stage reply");
        reader.Header(Version);
        var reply = new StageReply
        {
            QueryId = reader.Text("query id"),
            Pipeline = reader.Text("pipeline"),
            Task = reader.Text("task"),
            Variant = reader.Text("variant"),
            ParentTask = reader.TextOrNull("parent task"),
            ParentStart = reader.Big("parent start"),
            ParentStamp = reader.ULong("parent stamp"),
            ParentRow = reader.Int("parent row", -1, int.MaxValue),
            ItemKey = reader.ULong("item key"),
            Credit = reader.Credit("credit"),
            Children = reader.Int("children", 0, int.MaxValue),
            Round = reader.Int("round", 0, int.MaxValue),
            Accuracy = reader.Unit("accuracy"),
            QueuedUs = reader.Long("queued"),
            ComputedUs = reader.Long("computed"),
            Rows = Rows(reader, body.Length),
            Tensor = reader.Payload("tensor"),
            Failure = reader.Bool("failed") ? Failure(reader) : null,
            Worker = reader.Text("worker"),
        };
        reader.End();
        return reply;
    }

    private static ImmutableArray<OutputRow> Rows(WireReader reader, int bodyBytes)
    {
        // The bound is the body's: a forged count must not make us allocate.
        var rows = ImmutableArray.CreateBuilder<OutputRow>(reader.Int("rows", 0, bodyBytes / RowBytes));
        while (rows.Count < rows.Capacity)
            rows.Add(reader.Row($"row {rows.Count}"));
        return rows.MoveToImmutable();
    }

    private static StageFailure Failure(WireReader reader)
    {
        var outcome = (QueryOutcome)reader.Byte("outcome");
        if (!Enum.IsDefined(outcome) || outcome == QueryOutcome.Completed)
            throw reader.Bad("outcome", $"{(int)outcome}", "a failure");
        var error = reader.Text("error");
        return new StageFailure(outcome, error, reader.Long("retry after", -1) is var ticks and >= 0 ? TimeSpan.FromTicks(ticks) : null);
    }

    /// <summary>Whole characters that surely fit: one needs three bytes of UTF-8 at most, a pair of surrogates four.</summary>
    private static string Short(string error)
    {
        const int Longest = WireReader.LongestText / 3;
        if (error.Length <= Longest)
            return error;
        return error[..(char.IsHighSurrogate(error[Longest - 1]) ? Longest - 1 : Longest)];
    }
}
