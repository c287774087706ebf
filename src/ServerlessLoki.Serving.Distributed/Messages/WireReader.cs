using System.Buffers.Binary;
using System.Text;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Reads what <see cref="WireWriter"/> wrote, and trusts none of it: each fault is a <see cref="FormatException"/> that says where.</summary>
internal sealed class WireReader(ReadOnlyMemory<byte> body, string what)
{
    /// <summary>Longest name, token or message.</summary>
    public const int LongestText = 4096;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private int _at;

    public byte Byte(string field) => Next(field, 1).Span[0];

    public bool Bool(string field) => Byte(field) is var value && value <= 1 ? value == 1 : throw Bad(field, $"{value}", "0 or 1");

    public int Int(string field, int least, int most) =>
        BinaryPrimitives.ReadInt32LittleEndian(Next(field, sizeof(int)).Span) is var value && value >= least && value <= most
            ? value
            : throw Bad(field, $"{value}", $"{least} to {most}");

    public long Long(string field, long least = 0, long most = long.MaxValue) =>
        BinaryPrimitives.ReadInt64LittleEndian(Next(field, sizeof(long)).Span) is var value && value >= least && value <= most
            ? value
            : throw Bad(field, $"{value}", $"{least} to {most}");

    public ulong ULong(string field) => BinaryPrimitives.ReadUInt64LittleEndian(Next(field, sizeof(ulong)).Span);

    public UInt128 Big(string field) => BinaryPrimitives.ReadUInt128LittleEndian(Next(field, 16).Span) is var value && value <= Queries.Credit.Whole.Length
        ? value
        : throw Bad(field, $"{value}", "at most the whole credit");

    public float Float(string field) => BinaryPrimitives.ReadSingleLittleEndian(Next(field, sizeof(float)).Span) is var value && float.IsFinite(value)
        ? value
        : throw Bad(field, $"{value}", "a finite number");

    /// <summary>A share or probability.</summary>
    public double Unit(string field) => BinaryPrimitives.ReadDoubleLittleEndian(Next(field, sizeof(double)).Span) is var value && value is >= 0 and <= 1
        ? value
        : throw Bad(field, $"{value}", "0 to 1");

    public string Text(string field) => TextOrNull(field) ?? throw Bad(field, "nothing", "text");

    public string? TextOrNull(string field)
    {
        var length = Int(field, -1, LongestText);
        if (length < 0)
            return null;
        try
        {
            return Strict.GetString(Next(field, length).Span);
        }
        catch (DecoderFallbackException)
        {
            throw Bad(field, "broken UTF-8", "text");
        }
    }

    public ReadOnlyMemory<byte> Bytes(string field) => Next(field, Int(field, 0, int.MaxValue));

    public DateTimeOffset Time(string field) => new(Long(field, 0, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero);

    public DateTimeOffset? TimeOrNull(string field) =>
        Long(field, -1, DateTimeOffset.MaxValue.UtcTicks) is var ticks and >= 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public Credit Credit(string field)
    {
        var credit = new Credit(Big(field), Big(field));
        return credit.Length > 0 && credit.Start + credit.Length <= Queries.Credit.Whole.Length
            ? credit
            : throw Bad(field, $"{credit.Length} units from {credit.Start}", "a part of the whole credit");
    }

    public OutputRow Row(string field) =>
        new(Int(field, int.MinValue, int.MaxValue), Float(field), Float(field), Float(field), Float(field), Float(field));

    public StagePayload? Payload(string field)
    {
        var kind = Byte(field);
        if (kind == 0)
            return null;
        if (!Enum.IsDefined((StagePayloadKind)kind))
            throw Bad(field, $"kind {kind}", "1 (pixels), 2 (picture file), 3 (tensor), 4 (rows) or 5 (arrivals)");
        var payload = new StagePayload
        {
            Kind = (StagePayloadKind)kind,
            Width = Int(field, 0, int.MaxValue),
            Height = Int(field, 0, int.MaxValue),
            Token = TextOrNull(field),
            Bytes = Bytes(field),
        };
        if (payload.Token is not null && payload.Bytes.Length > 0)
            throw Bad(field, "token and bytes", "one of them");
        if (payload.Kind == StagePayloadKind.Pixels && !IsImage(payload))
            throw Bad(field, $"{payload.Bytes.Length} bytes for {payload.Width} × {payload.Height} pixels", "three for each pixel");
        return payload;
    }

    /// <summary>Reads the version of the layout, of which one is known here.</summary>
    public void Header(byte version)
    {
        if (Byte("version") is var found && found != version)
            throw Bad("version", $"{found}", $"{version}: deploy sender and receiver from the same build");
    }

    public void End()
    {
        if (_at != body.Length)
            throw Bad("end", $"{body.Length - _at} bytes more", "nothing");
    }

    public FormatException Bad(string field, string found, string allowed) =>
        new($"{what}, byte {_at} of {body.Length}, {field}: found {found}, allowed is {allowed}.");

    private static bool IsImage(StagePayload payload)
    {
        if (payload.Width < 1 || payload.Height < 1)
            return false;
        var (pixels, left) = Math.DivRem(payload.Bytes.Length, 3);
        return payload.Token is not null || (left == 0 && pixels == (long)payload.Width * payload.Height);
    }

    private ReadOnlyMemory<byte> Next(string field, int count)
    {
        if (body.Length - _at < count)
            throw Bad(field, $"{body.Length - _at} bytes", $"at least {count}");
        _at += count;
        return body.Slice(_at - count, count);
    }
}
