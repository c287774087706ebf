using System.Buffers.Binary;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>The content of consecutive IDAT chunks as one stream, without a copy. The chunks were checked before.</summary>
internal sealed class PngDataStream(ReadOnlyMemory<byte> png, int firstChunk) : Stream
{
    private int _nextChunk = firstChunk;
    private int _position;
    private int _end;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException("The data of a PNG has no length of its own.");

    public override long Position
    {
        get => throw new NotSupportedException("The data of a PNG is read once, forward.");
        set => throw new NotSupportedException("The data of a PNG is read once, forward.");
    }

    public override int Read(Span<byte> buffer)
    {
        while (_position == _end)
        {
            var bytes = png.Span[_nextChunk..];
            if (!bytes.Slice(4, 4).SequenceEqual("IDAT"u8)) return 0;
            _position = _nextChunk + 8;
            _end = _position + BinaryPrimitives.ReadInt32BigEndian(bytes);
            _nextChunk = _end + 4;
        }
        var count = Math.Min(buffer.Length, _end - _position);
        png.Span.Slice(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("The data of a PNG is read once, forward.");

    public override void SetLength(long value) => throw new NotSupportedException("The data of a PNG is read only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The data of a PNG is read only.");
}
