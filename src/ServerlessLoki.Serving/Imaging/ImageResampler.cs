using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>Resampler of a part of an image to a model's input: planar FP32 (channel, height, width), values 0..1.</summary>
/// <remarks>Bilinear, pixel centres at half coordinates, edges repeated: what PyTorch calls
/// <c>interpolate(mode="bilinear", align_corners=False)</c>, without an anti-aliasing filter. No allocation per call.</remarks>
public static class ImageResampler
{
    private const float Unit = 1f / 255;

    /// <summary>Fills <paramref name="target"/> from a part of the image.</summary>
    /// <param name="image">Source image; not changed.</param>
    /// <param name="region">Part of the image, cut at the image's edges; never less than one pixel.</param>
    /// <param name="width">Columns of the target; at least 1.</param>
    /// <param name="height">Rows of the target; at least 1.</param>
    /// <param name="target">3 × height × width values.</param>
    /// <exception cref="ArgumentException">The target has another size.</exception>
    public static void CropResize(RgbImage image, ImageRegion region, int width, int height, Span<float> target)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (target.Length != 3 * width * height)
            throw new ArgumentException($"{target.Length} values; 3 × {height} × {width} = {3 * width * height} are needed.", nameof(target));
        var (left, cropWidth) = Cut(region.X1, region.X2, image.Width);
        var (top, cropHeight) = Cut(region.Y1, region.Y2, image.Height);
        if (left == 0 && top == 0 && cropWidth == image.Width && cropHeight == image.Height && width == image.Width && height == image.Height)
            Planes(image.Pixels, target);
        else
            Bilinear(image, (left, top, cropWidth, cropHeight), width, height, target);
    }

    /// <summary>Computes the sampled range of one side, in pixels.</summary>
    internal static (float Start, float Length) Cut(float from, float to, int size)
    {
        // NaN and infinities, which a model may produce, become the whole side.
        var start = float.IsFinite(from) ? Math.Clamp(from, 0, 1) * size : 0;
        var end = float.IsFinite(to) ? Math.Clamp(to, 0, 1) * size : size;
        if (end - start >= 1) return (start, end - start);
        return (Math.Clamp(((start + end) / 2) - 0.5f, 0, size - 1), 1);
    }

    /// <summary>Fills bytes from a part of the image: height × width × RGB, 0..255. An image of the target's size is copied.</summary>
    public static void CropResize(RgbImage image, ImageRegion region, int width, int height, Span<byte> target)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (region == ImageRegion.Whole && image.Width == width && image.Height == height && target.Length == image.Pixels.Length)
        {
            image.Pixels.CopyTo(target);
            return;
        }

        var values = System.Buffers.ArrayPool<float>.Shared.Rent(3 * width * height);
        try
        {
            var planes = values.AsSpan(0, 3 * width * height);
            CropResize(image, region, width, height, planes);
            var plane = width * height;
            for (var i = 0; i < target.Length; i++)
                target[i] = (byte)MathF.Round(255 * planes[((i % 3) * plane) + (i / 3)]);
        }
        finally
        {
            System.Buffers.ArrayPool<float>.Shared.Return(values);
        }
    }

    private static void Bilinear(RgbImage image, (float Left, float Top, float Width, float Height) crop, int width, int height, Span<float> target)
    {
        var offsets = ArrayPool<int>.Shared.Rent(2 * width);
        var floats = ArrayPool<float>.Shared.Rent(7 * width);
        try
        {
            var weights = floats.AsSpan(0, width);
            Columns(crop.Left, crop.Width / width, image.Width, width, offsets, weights);
            var above = floats.AsSpan(width, 3 * width);
            var below = floats.AsSpan(4 * width, 3 * width);
            var (aboveRow, belowRow, plane) = (-1, -1, width * height);
            var step = crop.Height / height;
            for (var y = 0; y < height; y++)
            {
                var at = Math.Clamp(crop.Top + ((y + 0.5f) * step) - 0.5f, 0, image.Height - 1);
                var row = (int)at;
                var next = Math.Min(row + 1, image.Height - 1);
                if (row == belowRow)
                {
                    var swap = above;
                    above = below;
                    below = swap;
                    (aboveRow, belowRow) = (belowRow, aboveRow);
                }
                if (row != aboveRow) SampleRow(image, aboveRow = row, offsets, weights, width, above);
                if (next != belowRow) SampleRow(image, belowRow = next, offsets, weights, width, below);
                for (var c = 0; c < 3; c++)
                {
                    Mix(above.Slice(c * width, width), below.Slice(c * width, width), at - row,
                        target.Slice((c * plane) + (y * width), width));
                }
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(offsets);
            ArrayPool<float>.Shared.Return(floats);
        }
    }

    private static void Mix(ReadOnlySpan<float> above, ReadOnlySpan<float> below, float weight, Span<float> target)
    {
        var a = MemoryMarshal.Cast<float, Vector<float>>(above);
        var b = MemoryMarshal.Cast<float, Vector<float>>(below);
        var wide = MemoryMarshal.Cast<float, Vector<float>>(target);
        for (var i = 0; i < wide.Length; i++) wide[i] = a[i] + ((b[i] - a[i]) * weight);
        for (var i = wide.Length * Vector<float>.Count; i < target.Length; i++) target[i] = above[i] + ((below[i] - above[i]) * weight);
    }

    private static void Columns(float left, float step, int sourceWidth, int width, Span<int> offsets, Span<float> weights)
    {
        for (var x = 0; x < width; x++)
        {
            var at = Math.Clamp(left + ((x + 0.5f) * step) - 0.5f, 0, sourceWidth - 1);
            var column = (int)at;
            offsets[2 * x] = column * 3;
            offsets[(2 * x) + 1] = Math.Min(column + 1, sourceWidth - 1) * 3;
            weights[x] = at - column;
        }
    }

    private static void SampleRow(RgbImage image, int row, ReadOnlySpan<int> offsets, ReadOnlySpan<float> weights, int width, Span<float> target)
    {
        var source = image.Pixels.Slice(row * image.Width * 3, image.Width * 3);
        var red = target[..width];
        var green = target.Slice(width, width);
        var blue = target.Slice(2 * width, width);
        for (var x = 0; x < width; x++)
        {
            var a = source.Slice(offsets[2 * x], 3);
            var b = source.Slice(offsets[(2 * x) + 1], 3);
            var (right, left) = (weights[x] * Unit, (1 - weights[x]) * Unit);
            red[x] = (a[0] * left) + (b[0] * right);
            green[x] = (a[1] * left) + (b[1] * right);
            blue[x] = (a[2] * left) + (b[2] * right);
        }
    }

    /// <summary>Converts interleaved bytes to planes, 16 pixels per step where the CPU can shuffle bytes.</summary>
    private static void Planes(ReadOnlySpan<byte> source, Span<float> target)
    {
        var count = source.Length / 3;
        var red = target[..count];
        var green = target.Slice(count, count);
        var blue = target.Slice(2 * count, count);
        var i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; i + 16 <= count; i += 16)
            {
                var a = Vector128.Create(source.Slice(i * 3, 16));
                var b = Vector128.Create(source.Slice((i * 3) + 16, 16));
                var c = Vector128.Create(source.Slice((i * 3) + 32, 16));
                Store(Vector128.Shuffle(a, Vector128.Create((byte)0, 3, 6, 9, 12, 15, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99))
                    | Vector128.Shuffle(b, Vector128.Create((byte)99, 99, 99, 99, 99, 99, 2, 5, 8, 11, 14, 99, 99, 99, 99, 99))
                    | Vector128.Shuffle(c, Vector128.Create((byte)99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 1, 4, 7, 10, 13)), red.Slice(i, 16));
                Store(Vector128.Shuffle(a, Vector128.Create((byte)1, 4, 7, 10, 13, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99))
                    | Vector128.Shuffle(b, Vector128.Create((byte)99, 99, 99, 99, 99, 0, 3, 6, 9, 12, 15, 99, 99, 99, 99, 99))
                    | Vector128.Shuffle(c, Vector128.Create((byte)99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 2, 5, 8, 11, 14)), green.Slice(i, 16));
                Store(Vector128.Shuffle(a, Vector128.Create((byte)2, 5, 8, 11, 14, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99))
                    | Vector128.Shuffle(b, Vector128.Create((byte)99, 99, 99, 99, 99, 1, 4, 7, 10, 13, 99, 99, 99, 99, 99, 99))
                    | Vector128.Shuffle(c, Vector128.Create((byte)99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 0, 3, 6, 9, 12, 15)), blue.Slice(i, 16));
            }
        }
        for (; i < count; i++)
        {
            red[i] = source[i * 3] * Unit;
            green[i] = source[(i * 3) + 1] * Unit;
            blue[i] = source[(i * 3) + 2] * Unit;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<byte> bytes, Span<float> target)
    {
        var (low, high) = Vector128.Widen(bytes);
        var ((a, b), (c, d)) = (Vector128.Widen(low), Vector128.Widen(high));
        (Vector128.ConvertToSingle(a.AsInt32()) * Unit).CopyTo(target);
        (Vector128.ConvertToSingle(b.AsInt32()) * Unit).CopyTo(target[4..]);
        (Vector128.ConvertToSingle(c.AsInt32()) * Unit).CopyTo(target[8..]);
        (Vector128.ConvertToSingle(d.AsInt32()) * Unit).CopyTo(target[12..]);
    }
}
