using System.Buffers.Binary;
using System.Text;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Writes the fields of a message one behind the other, little-endian, lengths first.</summary>
internal sealed class WireWriter(int capacity)
{
    private byte[] _buffer = new byte[capacity];
    private int _length;

    public byte[] ToArray() => _buffer.AsSpan(0, _length).ToArray();

    public void Byte(byte value) => Next(1)[0] = value;

    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Int(int value) => BinaryPrimitives.WriteInt32LittleEndian(Next(sizeof(int)), value);

    public void Long(long value) => BinaryPrimitives.WriteInt64LittleEndian(Next(sizeof(long)), value);

    public void ULong(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Next(sizeof(ulong)), value);

    public void Big(UInt128 value) => BinaryPrimitives.WriteUInt128LittleEndian(Next(16), value);

    public void Float(float value) => BinaryPrimitives.WriteSingleLittleEndian(Next(sizeof(float)), value);

    public void Double(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Next(sizeof(double)), value);

    public void Text(string? value)
    {
        if (value is null)
        {
            Int(-1);
            return;
        }

        var length = Encoding.UTF8.GetByteCount(value);
        Int(length);
        Encoding.UTF8.GetBytes(value, Next(length));
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Int(value.Length);
        value.CopyTo(Next(value.Length));
    }

    public void Time(DateTimeOffset? value) => Long(value is { } time ? time.UtcTicks : -1);

    public void Credit(Credit value)
    {
        Big(value.Start);
        Big(value.Length);
    }

    public void Row(in OutputRow row)
    {
        Int(row.Label);
        Float(row.Score);
        Float(row.X1);
        Float(row.Y1);
        Float(row.X2);
        Float(row.Y2);
    }

    public void Payload(StagePayload? payload)
    {
        if (payload is null)
        {
            Byte(0);
            return;
        }

        Byte((byte)payload.Kind);
        Int(payload.Width);
        Int(payload.Height);
        Text(payload.Token);
        Bytes(payload.Bytes.Span);
    }

    private Span<byte> Next(int count)
    {
        if (_buffer.Length - _length < count)
            Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + count));
        _length += count;
        return _buffer.AsSpan(_length - count, count);
    }
}
