using System.Buffers.Binary;
using System.IO.Compression;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>Reads and writes PNG (ISO/IEC 15948).</summary>
/// <remarks>Reads every colour type, bit depth, filter and interlacing of the standard; alpha and ancillary chunks are
/// ignored, 16-bit samples keep their high byte, grey becomes RGB.</remarks>
public static class PngCodec
{
    internal static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>True if the bytes begin as every PNG does.</summary>
    public static bool IsPng(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Signature);

    /// <summary>Width and height from the header alone: nothing is decompressed, and what follows the header is not looked at.</summary>
    /// <exception cref="ImageFormatException">The header is missing or malformed, or the image exceeds the limits.</exception>
    public static (int Width, int Height) Size(ReadOnlySpan<byte> png, ImageLimits limits)
    {
        var header = PngFile.ReadHeader(png, limits);
        return (header.Width, header.Height);
    }

    /// <summary>Checks structure and checksums; nothing is decompressed.</summary>
    /// <exception cref="ImageFormatException">They are wrong, or the image exceeds the limits.</exception>
    public static void Check(ReadOnlyMemory<byte> png, ImageLimits limits) => PngFile.Parse(png, limits);

    /// <summary>Reads an image. The caller owns it.</summary>
    /// <param name="png">The whole file.</param>
    /// <param name="limits">Largest image allowed.</param>
    /// <exception cref="ImageFormatException">The bytes are malformed, or the image exceeds the limits.</exception>
    public static RgbImage Decode(ReadOnlyMemory<byte> png, ImageLimits limits)
    {
        var file = PngFile.Parse(png, limits);
        var image = RgbImage.Rent(file.Header.Width, file.Header.Height);
        try
        {
            using var data = new ZLibStream(new PngDataStream(png, file.FirstData), CompressionMode.Decompress);
            PngRows.Read(data, file, image);
            return image;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            // An IOException where the data asks for a dictionary, which PNG has none of.
            image.Dispose();
            throw new ImageFormatException("PNG: the compressed data is corrupt.", e);
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>Writes an image as 8-bit RGB.</summary>
    /// <param name="image">Not changed.</param>
    /// <param name="level">How much time to spend on size.</param>
    public static byte[] Encode(RgbImage image, CompressionLevel level = CompressionLevel.Fastest)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, level, leaveOpen: true))
            PngFilters.WriteRows(zlib, image);

        using var file = new MemoryStream();
        file.Write(Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        header[8] = 8;
        header[9] = (byte)PngColor.Rgb;
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        file.Write(word);
        file.Write(type);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(word, Crc32.Of(type, data));
        file.Write(word);
    }
}
