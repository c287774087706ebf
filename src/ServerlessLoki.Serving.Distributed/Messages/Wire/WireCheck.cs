using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Enum = System.Enum;

namespace ServerlessLoki.Serving.Distributed.Messages.Wire;

/// <summary>Validation of data that another process wrote: each fault is a <see cref="FormatException"/> that names the field.</summary>
/// <param name="what">Kind of the message, for errors.</param>
internal readonly struct WireCheck(string what)
{
    /// <summary>Longest name, token or message, in bytes of UTF-8.</summary>
    public const int LongestText = 4096;

    /// <summary>Parses a whole body.</summary>
    public T Parse<T>(MessageParser<T> parser, ReadOnlyMemory<byte> body)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(body.Span);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new FormatException($"{what}: its {body.Length} bytes are no message of stage.proto ({exception.Message})", exception);
        }
    }

    /// <summary>Checks the version, of which only one is supported.</summary>
    public void Version(uint found)
    {
        if (found != WireForms.Version)
            throw Bad("version", found == 0 ? "none (an older build wrote it, or it was cut)" : $"{found}", $"{WireForms.Version}: deploy sender and receiver from the same build");
    }

    /// <summary>Reads the work of a message or reply.</summary>
    public StageWork Work(Work? work)
    {
        if (work is null)
            throw Bad("work", "nothing", "the work that it is about");
        return new StageWork
        {
            QueryId = Text(work.QueryId),
            Pipeline = Text(work.Pipeline),
            Task = Text(work.Task),
            Variant = Text(work.Variant),
            ParentTask = work.HasParentTask ? Text(work.ParentTask) : null,
            ParentStart = Big(work.ParentStart),
            ParentStamp = work.ParentStamp,
            ParentRow = Int(work.ParentRow, -1),
            ItemKey = work.ItemKey,
            Credit = Credit(work.Credit),
            Round = Int(work.Round, 0),
            Accuracy = Unit(work.Accuracy),
            QueuedUs = Long(work.QueuedUs),
            ComputedUs = Long(work.ComputedUs),
        };
    }

    public int Int(int value, int least, [CallerArgumentExpression(nameof(value))] string field = "") =>
        value >= least ? value : throw Bad(field, $"{value}", $"{least} or more");

    public long Long(long value, [CallerArgumentExpression(nameof(value))] string field = "") => value >= 0 ? value : throw Bad(field, $"{value}", "0 or more");

    /// <summary>Checks a share or probability, 0..1.</summary>
    public double Unit(double value, [CallerArgumentExpression(nameof(value))] string field = "") =>
        value is >= 0 and <= 1 ? value : throw Bad(field, $"{value}", "0 to 1");

    public string Text(string value, [CallerArgumentExpression(nameof(value))] string field = "")
    {
        var length = Encoding.UTF8.GetByteCount(value);
        return length <= LongestText ? value : throw Bad(field, $"{length} bytes", $"at most {LongestText}");
    }

    public UInt128 Big(Uint128? value, [CallerArgumentExpression(nameof(value))] string field = "")
    {
        var number = value is null ? 0 : new UInt128(value.High, value.Low);
        return number <= Queries.Credit.Whole.Length ? number : throw Bad(field, $"{number}", "at most the whole credit");
    }

    public Queries.Credit Credit(Credit? value, [CallerArgumentExpression(nameof(value))] string field = "")
    {
        var credit = new Queries.Credit(Big(value?.Start, field), Big(value?.Length, field));
        return credit.Length > 0 && credit.Start + credit.Length <= Queries.Credit.Whole.Length
            ? credit
            : throw Bad(field, $"{credit.Length} units from {credit.Start}", "a part of the whole credit");
    }

    public Queries.OutputRow Row(OutputRow? row, [CallerArgumentExpression(nameof(row))] string field = "")
    {
        if (row is null)
            return default;
        return float.IsFinite(row.Score) && float.IsFinite(row.X1) && float.IsFinite(row.Y1) && float.IsFinite(row.X2) && float.IsFinite(row.Y2)
            ? new Queries.OutputRow(row.Label, row.Score, row.X1, row.Y1, row.X2, row.Y2) { Points = Points(row, field) }
            : throw Bad(field, $"{row.Score}, {row.X1}, {row.Y1}, {row.X2}, {row.Y2}", "finite numbers");
    }

    private Queries.RowPoints? Points(OutputRow row, string field)
    {
        if (row.Points.Count == 0)
            return null;
        if (row.PointWidth is not (2 or 3) || row.Points.Count % row.PointWidth != 0 || !row.Points.All(float.IsFinite))
            throw Bad(field + " points", $"{row.Points.Count} numbers, {row.PointWidth} a point", "finite numbers, 2 or 3 a point");
        if (row.AreCorners && (row.PointWidth, row.Points.Count) is not (2, 8))
            throw Bad(field + " points", $"{row.Points.Count} numbers, {row.PointWidth} a point", "four corners of 2 numbers");
        return new Queries.RowPoints([.. row.Points], row.PointWidth) { AreCorners = row.AreCorners };
    }

    public DateTimeOffset Time(Timestamp? value, [CallerArgumentExpression(nameof(value))] string field = "") =>
        TimeOrNull(value, field) ?? throw Bad(field, "nothing", "a time");

    public DateTimeOffset? TimeOrNull(Timestamp? value, [CallerArgumentExpression(nameof(value))] string field = "")
    {
        try
        {
            return value?.ToDateTimeOffset();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentOutOfRangeException)
        {
            throw Bad(field, $"{value!.Seconds} s and {value.Nanos} ns", "a time of the years 1 to 9999");
        }
    }

    public StagePayload? Payload(Payload? value, [CallerArgumentExpression(nameof(value))] string field = "")
    {
        if (value is null)
            return null;
        if (!Enum.IsDefined((StagePayloadKind)value.Kind))
            throw Bad(field, $"kind {value.Kind}", string.Join(", ", Enum.GetValues<StagePayloadKind>().Select(static k => $"{(int)k} ({k})")));
        var payload = new StagePayload
        {
            Kind = (StagePayloadKind)value.Kind,
            Width = Int(value.Width, 0, field + " width"),
            Height = Int(value.Height, 0, field + " height"),
            Token = value.HasToken ? Text(value.Token, field + " token") : null,
            Bytes = value.Bytes.Memory,
        };
        if (payload.Token is not null && payload.Bytes.Length > 0)
            throw Bad(field, "token and bytes", "one of them");
        if (payload.Kind == StagePayloadKind.Pixels && !IsImage(payload))
            throw Bad(field, $"{payload.Bytes.Length} bytes for {payload.Width} × {payload.Height} pixels", "three for each pixel");
        return payload;
    }

    /// <summary>Makes the exception for one field, named as in stage.proto.</summary>
    public FormatException Bad(string field, string found, string allowed) =>
        new($"{what}, {JsonNamingPolicy.SnakeCaseLower.ConvertName(field[(field.LastIndexOf('.') + 1)..])}: found {found}, allowed is {allowed}.");

    private static bool IsImage(StagePayload payload)
    {
        if (payload.Width < 1 || payload.Height < 1)
            return false;
        var (pixels, left) = Math.DivRem(payload.Bytes.Length, 3);
        return payload.Token is not null || (left == 0 && pixels == (long)payload.Width * payload.Height);
    }
}
