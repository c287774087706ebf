using System.Text;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Reader of the fields of a protobuf message one by one. Unread fields are skipped, so that weights of any size cost
/// nothing.</summary>
/// <param name="stream">Stream at the start of the message; must be seekable.</param>
internal sealed class ProtoFields(Stream stream)
{
    private const int LongestText = 1 << 16;
    private long _at;
    private long _next;

    /// <summary>Number of the field.</summary>
    public long Field { get; private set; }

    /// <summary>Value of an integer field; 0 for another.</summary>
    public long Number { get; private set; }

    /// <summary>Moves to the next field that starts before <paramref name="end"/>.</summary>
    /// <exception cref="InvalidDataException">The stream is no such message.</exception>
    public bool Read(long end)
    {
        if (_at != _next)
            _at = stream.Seek(_next, SeekOrigin.Begin);
        if (_at >= end)
            return false;
        var tag = Varint();
        (Field, Number) = ((long)(tag >> 3), 0);
        var length = 0UL;
        switch (tag & 7)
        {
            case 0: Number = (long)Varint(); break;
            case 1: length = 8; break;
            case 2: length = Varint(); break;
            case 5: length = 4; break;
            default: throw new InvalidDataException($"byte {_at} starts no field");
        }

        if (Field == 0 || _at > end || length > (ulong)(end - _at))
            throw new InvalidDataException($"the field at byte {_at} does not end inside the file");
        _next = _at + (long)length;
        return true;
    }

    /// <summary>Enters a nested message.</summary>
    /// <returns>End of the nested message, up to which <see cref="Read"/> reads its fields.</returns>
    public long Enter()
    {
        var end = _next;
        _next = _at;
        return end;
    }

    /// <summary>Reads the text of the field, cut at 64 KiB.</summary>
    public string Text()
    {
        var bytes = new byte[Math.Min(LongestText, _next - _at)];
        stream.ReadExactly(bytes);
        _at += bytes.Length;
        return Encoding.UTF8.GetString(bytes);
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = stream.ReadByte();
            if (next < 0)
                throw new InvalidDataException("the file ends in the middle of a number");
            _at++;
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                _next = _at;
                return value;
            }
        }

        throw new InvalidDataException($"the number before byte {_at} is too long");
    }
}
