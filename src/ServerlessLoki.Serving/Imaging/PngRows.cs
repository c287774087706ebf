using System.Buffers;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>Decompressed rows → RGB pixels.</summary>
internal static class PngRows
{
    /// <summary>First column, first row, column step and row step of the seven Adam7 passes.</summary>
    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    internal static void Read(Stream data, PngFile file, RgbImage image)
    {
        var header = file.Header;
        // One filter byte in front, and room behind for filters that load four bytes for three.
        var size = header.RowBytes(header.Width) + 1 + 8;
        var current = ArrayPool<byte>.Shared.Rent(size);
        var previous = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            if (header.Interlaced)
            {
                foreach (var (x, y, stepX, stepY) in Adam7)
                {
                    var width = (header.Width - x + stepX - 1) / stepX;
                    var height = (header.Height - y + stepY - 1) / stepY;
                    if (width > 0 && height > 0) ReadPass(data, file, image, width, height, (x, y, stepX, stepY), ref current, ref previous);
                }
            }
            else
            {
                ReadPass(data, file, image, header.Width, header.Height, (0, 0, 1, 1), ref current, ref previous);
            }
            // Reads the checksum behind the last row.
            if (data.ReadByte() >= 0) throw new ImageFormatException("PNG: more data than pixels.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(current);
            ArrayPool<byte>.Shared.Return(previous);
        }
    }

    private static void ReadPass(Stream data, PngFile file, RgbImage image, int width, int height,
        (int X, int Y, int StepX, int StepY) at, ref byte[] current, ref byte[] previous)
    {
        var header = file.Header;
        var rowBytes = header.RowBytes(width);
        Array.Clear(previous);
        for (var row = 0; row < height; row++)
        {
            var read = data.ReadAtLeast(current.AsSpan(0, rowBytes + 1), rowBytes + 1, throwOnEndOfStream: false);
            if (read != rowBytes + 1) throw new ImageFormatException("PNG: less data than pixels.");
            PngFilters.Undo(current[0], current.AsSpan(1), previous.AsSpan(1), rowBytes, header.BytesPerPixel);
            var target = image.Pixels.Slice((at.Y + (row * at.StepY)) * image.Width * 3, image.Width * 3);
            ToRgb(current.AsSpan(1, rowBytes), header, file.Palette.Span, target[(at.X * 3)..], width, at.StepX * 3);
            (current, previous) = (previous, current);
        }
    }

    private static void ToRgb(ReadOnlySpan<byte> row, PngHeader header, ReadOnlySpan<byte> palette, Span<byte> target, int width, int step)
    {
        var sample = header.BitDepth == 16 ? 2 : 1;
        if (header.Color == PngColor.Rgb && sample == 1 && step == 3)
        {
            row.CopyTo(target);
        }
        else if (header.Color is PngColor.Rgb or PngColor.RgbAlpha)
        {
            var pixel = header.Channels * sample;
            for (var (i, o, x) = (0, 0, 0); x < width; x++, i += pixel, o += step)
            {
                target[o] = row[i];
                target[o + 1] = row[i + sample];
                target[o + 2] = row[i + (2 * sample)];
            }
        }
        else if (header.BitDepth >= 8 && header.Color != PngColor.Palette)
        {
            var pixel = header.Channels * sample;
            for (var (i, o, x) = (0, 0, 0); x < width; x++, i += pixel, o += step)
                target[o] = target[o + 1] = target[o + 2] = row[i];
        }
        else
        {
            PackedToRgb(row, header, palette, target, width, step);
        }
    }

    private static void PackedToRgb(ReadOnlySpan<byte> row, PngHeader header, ReadOnlySpan<byte> palette, Span<byte> target, int width, int step)
    {
        var depth = header.BitDepth;
        var mask = (1 << depth) - 1;
        for (var (o, x) = (0, 0); x < width; x++, o += step)
        {
            var bit = x * depth;
            var value = (row[bit >> 3] >> (8 - depth - (bit & 7))) & mask;
            if (header.Color == PngColor.Palette)
            {
                if ((value * 3) + 2 >= palette.Length)
                    throw new ImageFormatException($"PNG: colour {value} is not in the palette of {palette.Length / 3}.");
                palette.Slice(value * 3, 3).CopyTo(target[o..]);
            }
            else
            {
                target[o] = target[o + 1] = target[o + 2] = (byte)(value * 255 / mask);
            }
        }
    }
}
