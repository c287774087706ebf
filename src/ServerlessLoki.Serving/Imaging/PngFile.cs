using System.Buffers.Binary;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>The chunks of a PNG file, all checked before anything is decompressed.</summary>
/// <param name="Header">From IHDR.</param>
/// <param name="Palette">From PLTE; empty without one.</param>
/// <param name="FirstData">Offset of the first IDAT chunk.</param>
internal sealed record PngFile(PngHeader Header, ReadOnlyMemory<byte> Palette, int FirstData)
{
    private const int ChunkFrame = 12;

    internal static PngFile Parse(ReadOnlyMemory<byte> png, ImageLimits limits)
    {
        var bytes = png.Span;
        if (!PngCodec.IsPng(bytes)) throw new ImageFormatException("Not a PNG: the signature is missing.");
        PngHeader? header = null;
        var palette = ReadOnlyMemory<byte>.Empty;
        var (firstData, dataEnded, offset) = (0, false, PngCodec.Signature.Length);
        while (true)
        {
            var (type, data) = ReadChunk(bytes, offset);
            if (header is null && !type.SequenceEqual("IHDR"u8)) throw new ImageFormatException("PNG: the first chunk is not the header.");
            if (firstData != 0 && !type.SequenceEqual("IDAT"u8)) dataEnded = true;
            if (type.SequenceEqual("IHDR"u8))
            {
                if (header is not null) throw new ImageFormatException("PNG: two headers.");
                header = PngHeader.Parse(data, limits);
            }
            else if (type.SequenceEqual("PLTE"u8))
            {
                if (firstData != 0 || !palette.IsEmpty || data.Length is 0 or > 768 || data.Length % 3 != 0)
                    throw new ImageFormatException($"PNG: a palette of {data.Length} bytes, a second one, or one after the data.");
                palette = png.Slice(offset + 8, data.Length);
            }
            else if (type.SequenceEqual("IDAT"u8))
            {
                if (dataEnded) throw new ImageFormatException("PNG: the data chunks are not consecutive.");
                if (firstData == 0) firstData = offset;
            }
            else if (type.SequenceEqual("IEND"u8))
            {
                break;
            }
            else if ((type[0] & 0x20) == 0)
            {
                throw new ImageFormatException("PNG: an unknown critical chunk.");
            }
            offset += ChunkFrame + data.Length;
        }
        if (firstData == 0) throw new ImageFormatException("PNG: no data.");
        if (header!.Value.Color == PngColor.Palette && palette.IsEmpty) throw new ImageFormatException("PNG: no palette.");
        return new PngFile(header.Value, palette, firstData);
    }

    private static ChunkView ReadChunk(ReadOnlySpan<byte> bytes, int offset)
    {
        if (bytes.Length - offset < ChunkFrame) throw new ImageFormatException("PNG: the file ends before its end chunk.");
        var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);
        if (length > bytes.Length - offset - ChunkFrame)
            throw new ImageFormatException($"PNG: a chunk of {length} bytes at {offset} goes beyond the end of the file.");
        var type = bytes.Slice(offset + 4, 4);
        var data = bytes.Slice(offset + 8, (int)length);
        var crc = BinaryPrimitives.ReadUInt32BigEndian(bytes[(offset + 8 + (int)length)..]);
        if (Crc32.Of(type, data) != crc) throw new ImageFormatException($"PNG: the checksum of the chunk at {offset} is wrong.");
        return new ChunkView(type, data);
    }

    /// <summary>What the first 33 bytes say: enough to know how much memory the image takes.</summary>
    internal static PngHeader ReadHeader(ReadOnlySpan<byte> bytes, ImageLimits limits)
    {
        if (!PngCodec.IsPng(bytes)) throw new ImageFormatException("Not a PNG: the signature is missing.");
        var (type, data) = ReadChunk(bytes, PngCodec.Signature.Length);
        if (!type.SequenceEqual("IHDR"u8)) throw new ImageFormatException("PNG: the first chunk is not the header.");
        return PngHeader.Parse(data, limits);
    }

    private readonly ref struct ChunkView(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        private readonly ReadOnlySpan<byte> _type = type;
        private readonly ReadOnlySpan<byte> _data = data;

        public void Deconstruct(out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> data)
        {
            type = _type;
            data = _data;
        }
    }
}
