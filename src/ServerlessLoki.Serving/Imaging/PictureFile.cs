using System.Buffers.Binary;
using System.IO.Hashing;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>Checks of an image file without decoding: its declared size, and whether it is complete.</summary>
internal static class PictureFile
{
    private const int PngChunkFrame = 12;

    /// <summary>Returns the width and height that the file declares, so that a file too large for any decoder is refused for its size; null
    /// where the decoder is to be asked.</summary>
    internal static (long Width, long Height)? Claimed(PictureFormat format, ReadOnlySpan<byte> file) => format switch
    {
        PictureFormat.Png when file.Length >= 24 =>
            (BinaryPrimitives.ReadUInt32BigEndian(file[16..]), BinaryPrimitives.ReadUInt32BigEndian(file[20..])),
        PictureFormat.Jpeg when JpegOutline.Of(file) is { Components: > 0 } outline => (outline.Width, outline.Height),
        PictureFormat.Bmp when file.Length >= 26 && BinaryPrimitives.ReadUInt32LittleEndian(file[14..]) >= 40 =>
            (Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(file[18..])), Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(file[22..]))),
        _ => null,
    };

    /// <summary>Returns the bytes per pixel that the decoder needs in addition to the pixels it writes.</summary>
    internal static int WorkBytes(PictureFormat format, ReadOnlySpan<byte> file) => format switch
    {
        // All passes of an interlaced file are gathered first: up to four samples of 16 bits.
        PictureFormat.Png => file.Length > 28 && file[28] == 0 ? 0 : 8,
        PictureFormat.Jpeg when JpegOutline.Of(file) is var outline => outline.IsOneScan ? 0 : sizeof(short) * Math.Clamp(outline.Components, 1, 4),
        PictureFormat.Bmp => 0,
        _ => 8,
    };

    /// <summary>Refuses a truncated file; for PNG also one whose checksums are wrong. Nothing is decompressed.</summary>
    /// <exception cref="ImageFormatException">The file is not complete.</exception>
    internal static void RequireWhole(PictureFormat format, ReadOnlySpan<byte> file)
    {
        var isWhole = format switch
        {
            PictureFormat.Png => IsWholePng(file),
            // Compressed data never holds the end marker.
            PictureFormat.Jpeg => JpegOutline.Of(file).ScanAt is var scan && scan < file.Length && file[scan..].LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]) >= 0,
            PictureFormat.Webp => file.Length - 8L >= BinaryPrimitives.ReadUInt32LittleEndian(file[4..]),
            // The decoder knows how many rows there are to come.
            _ => true,
        };
        if (!isWhole)
            throw new ImageFormatException($"{format.Name()}: the file ends before the picture does, after {file.Length} bytes. Send all of it.");
    }

    private static bool IsWholePng(ReadOnlySpan<byte> file)
    {
        for (var offset = 8; file.Length - offset >= PngChunkFrame;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[offset..]);
            if (length > file.Length - offset - PngChunkFrame)
                return false;
            var end = offset + 8 + (int)length;
            if (Crc32.HashToUInt32(file[(offset + 4)..end]) != BinaryPrimitives.ReadUInt32BigEndian(file[end..]))
                throw new ImageFormatException($"PNG: the checksum of the chunk at {offset} is wrong.");
            if (file.Slice(offset + 4, 4).SequenceEqual("IEND"u8))
                return true;
            offset = end + 4;
        }

        return false;
    }
}
