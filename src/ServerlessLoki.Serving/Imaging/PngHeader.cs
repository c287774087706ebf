using System.Buffers.Binary;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>The checked content of an IHDR chunk.</summary>
internal readonly record struct PngHeader(int Width, int Height, int BitDepth, PngColor Color, bool Interlaced)
{
    internal int Channels => Color switch
    {
        PngColor.Rgb => 3,
        PngColor.GrayAlpha => 2,
        PngColor.RgbAlpha => 4,
        _ => 1,
    };

    /// <summary>Distance to the pixel on the left in filters, at least 1.</summary>
    internal int BytesPerPixel => Math.Max(1, Channels * BitDepth / 8);

    /// <summary>Bytes of a row of <paramref name="width"/> pixels, without the filter byte.</summary>
    internal int RowBytes(int width) => (int)((((long)width * Channels * BitDepth) + 7) / 8);

    internal static PngHeader Parse(ReadOnlySpan<byte> data, ImageLimits limits)
    {
        if (data.Length != 13) throw new ImageFormatException($"PNG: the header has {data.Length} bytes, not 13.");
        var width = BinaryPrimitives.ReadUInt32BigEndian(data);
        var height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        var (depth, color) = (data[8], data[9]);
        if (width == 0 || height == 0) throw new ImageFormatException($"PNG: {width} × {height} pixels; each side must be at least 1.");
        if (width > limits.MaxWidth || height > limits.MaxHeight || (long)width * height > limits.MaxPixels)
        {
            throw new ImageTooLargeException(
                $"PNG: {width} × {height} pixels; at most {limits.MaxWidth} × {limits.MaxHeight} and {limits.MaxPixels} in all are allowed.");
        }
        var known = (PngColor)color switch
        {
            PngColor.Gray => depth is 1 or 2 or 4 or 8 or 16,
            PngColor.Palette => depth is 1 or 2 or 4 or 8,
            PngColor.Rgb or PngColor.GrayAlpha or PngColor.RgbAlpha => depth is 8 or 16,
            _ => false,
        };
        if (!known) throw new ImageFormatException($"PNG: colour type {color} with {depth} bits is not part of the standard.");
        if (data[10] != 0 || data[11] != 0 || data[12] > 1)
            throw new ImageFormatException($"PNG: unknown compression {data[10]}, filter method {data[11]} or interlacing {data[12]}.");
        return new PngHeader((int)width, (int)height, depth, (PngColor)color, data[12] == 1);
    }
}
