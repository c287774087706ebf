using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SkiaSharp;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>Conversion of pixels between four bytes, as the decoder writes them, and three.</summary>
internal static class PixelLayout
{
    /// <summary>Converts RGBA to RGB in the same block.</summary>
    internal static void Narrow(Span<byte> block, int pixels)
    {
        var i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            // Four pixels a step. What is stored ends before the next load begins: 12 i + 16 <= 16 (i + 1).
            var order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 99, 99, 99, 99);
            for (; i + 4 <= pixels; i += 4)
                Vector128.Shuffle(Vector128.Create<byte>(block.Slice(4 * i, 16)), order).CopyTo(block.Slice(3 * i, 16));
        }

        for (; i < pixels; i++)
            (block[3 * i], block[(3 * i) + 1], block[(3 * i) + 2]) = (block[4 * i], block[(4 * i) + 1], block[(4 * i) + 2]);
    }

    /// <summary>Converts RGB to opaque RGBA.</summary>
    internal static void Widen(ReadOnlySpan<byte> rgb, Span<byte> rgba)
    {
        var target = MemoryMarshal.Cast<byte, uint>(rgba);
        for (var i = 0; i < rgb.Length / 3; i++)
            target[i] = rgb[3 * i] | ((uint)rgb[(3 * i) + 1] << 8) | ((uint)rgb[(3 * i) + 2] << 16) | 0xFF000000;
    }

    /// <summary>Returns width and height after the orientation is applied.</summary>
    internal static (int Width, int Height) Upright(SKEncodedOrigin origin, int width, int height) =>
        origin >= SKEncodedOrigin.LeftTop ? (height, width) : (width, height);

    /// <summary>Converts RGBA pixels as stored to RGB pixels in upright orientation.</summary>
    internal static void Turn(ReadOnlySpan<byte> rgba, int width, int height, SKEncodedOrigin origin, Span<byte> rgb)
    {
        // Where the first pixel goes, and how far each further column and row moves, in pixels of the target.
        var (first, column, row) = origin switch
        {
            SKEncodedOrigin.TopRight => (width - 1, -1, width),
            SKEncodedOrigin.BottomRight => ((width * height) - 1, -1, -width),
            SKEncodedOrigin.BottomLeft => (width * (height - 1), 1, -width),
            SKEncodedOrigin.LeftTop => (0, height, 1),
            SKEncodedOrigin.RightTop => (height - 1, height, -1),
            SKEncodedOrigin.RightBottom => ((width * height) - 1, -height, -1),
            SKEncodedOrigin.LeftBottom => (height * (width - 1), -height, 1),
            _ => (0, 1, width),
        };
        for (var y = 0; y < height; y++)
        {
            var at = first + (y * row);
            var source = rgba.Slice(y * width * 4, width * 4);
            for (var x = 0; x < width; x++, at += column)
                source.Slice(4 * x, 3).CopyTo(rgb[(3 * at)..]);
        }
    }
}
