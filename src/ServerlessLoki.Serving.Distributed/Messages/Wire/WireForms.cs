using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace ServerlessLoki.Serving.Distributed.Messages.Wire;

/// <summary>Conversion of values to their wire form; <see cref="WireCheck"/> reads them.</summary>
internal static class WireForms
{
    /// <summary>Version of the schema's meaning, see <c>stage.proto</c>.</summary>
    public const uint Version = 4;

    public static Work Of(StageWork work)
    {
        var wire = new Work
        {
            QueryId = work.QueryId,
            Pipeline = work.Pipeline,
            Task = work.Task,
            Variant = work.Variant,
            ParentStart = Of(work.ParentStart),
            ParentStamp = work.ParentStamp,
            ParentRow = work.ParentRow,
            ItemKey = work.ItemKey,
            Credit = Of(work.Credit),
            Round = work.Round,
            Accuracy = work.Accuracy,
            QueuedUs = work.QueuedUs,
            ComputedUs = work.ComputedUs,
        };
        if (work.ParentTask is { } parent)
            wire.ParentTask = parent;
        return wire;
    }

    public static Uint128 Of(UInt128 value) => new() { High = (ulong)(value >> 64), Low = (ulong)value };

    public static Credit Of(Queries.Credit credit) => new() { Start = Of(credit.Start), Length = Of(credit.Length) };

    public static OutputRow Of(in Queries.OutputRow row)
    {
        var wire = new OutputRow { Label = row.Label, Score = row.Score, X1 = row.X1, Y1 = row.Y1, X2 = row.X2, Y2 = row.Y2 };
        if (row.Points is { } points)
        {
            wire.Points.Add(points.Values);
            wire.PointWidth = points.Width;
            wire.AreCorners = points.AreCorners;
        }

        return wire;
    }

    public static Timestamp Of(DateTimeOffset time) => Timestamp.FromDateTimeOffset(time);

    /// <summary>Converts a payload; the result shares its bytes.</summary>
    public static Payload? Of(StagePayload? payload)
    {
        if (payload is null)
            return null;
        var wire = new Payload { Kind = (int)payload.Kind, Width = payload.Width, Height = payload.Height, Bytes = UnsafeByteOperations.UnsafeWrap(payload.Bytes) };
        if (payload.Token is { } token)
            wire.Token = token;
        return wire;
    }
}
