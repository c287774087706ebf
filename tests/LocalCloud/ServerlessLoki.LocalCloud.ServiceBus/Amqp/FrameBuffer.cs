using System.Buffers.Binary;
using Microsoft.Azure.Amqp;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>Buffer of received bytes, which passes on whole protocol headers and whole, well-formed frames only.</summary>
internal sealed class FrameBuffer(int maxFrameBytes)
{
    private const int HeaderBytes = 8;
    private byte[] _bytes = new byte[16 * 1024];
    private int _at;
    private int _checked;
    private int _end;

    public bool HasChecked => _at < _checked;

    /// <summary>Returns the memory to receive into; call <see cref="Received"/> afterwards.</summary>
    public Memory<byte> Free()
    {
        if (_at == _end)
            (_at, _checked, _end) = (0, 0, 0);
        if (_end == _bytes.Length)
        {
            // A frame that is not whole yet, at the end: moved to the front, where there is room for it.
            var bytes = _at > 0 ? _bytes : new byte[Math.Min(_bytes.Length * 4, maxFrameBytes + HeaderBytes)];
            _bytes.AsSpan(_at, _end - _at).CopyTo(bytes);
            (_bytes, _at, _checked, _end) = (bytes, 0, _checked - _at, _end - _at);
        }

        return _bytes.AsMemory(_end);
    }

    /// <exception cref="AmqpException">This is no AMQP.</exception>
    public void Received(int count)
    {
        _end += count;
        while (Whole(_bytes.AsSpan(_checked, _end - _checked)) is { } length)
            _checked += length;
    }

    public int Read(Span<byte> into)
    {
        var count = Math.Min(into.Length, _checked - _at);
        _bytes.AsSpan(_at, count).CopyTo(into);
        _at += count;
        return count;
    }

    private int? Whole(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes)
            return null;
        if (bytes.StartsWith("AMQP"u8))
            return HeaderBytes;
        var size = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        var dataAt = bytes[4] * 4;
        if (size > maxFrameBytes || dataAt < HeaderBytes || dataAt > size)
            throw new AmqpException(AmqpErrorCode.FramingError, $"neither a protocol header nor a frame of at most {maxFrameBytes} bytes");
        if (size > bytes.Length)
            return null;
        // An empty frame says that the peer is alive. What follows the first value is part of a message.
        if (size > dataAt)
            ValueGuard.CheckFirst(bytes[dataAt..(int)size]);
        return (int)size;
    }
}
