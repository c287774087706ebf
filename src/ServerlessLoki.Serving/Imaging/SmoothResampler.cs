using System.Buffers;
using System.Numerics.Tensors;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>Resampler of a part of an image with an anti-aliasing filter: a triangle as wide as the step from one value to the next, as Pillow's
/// and torchvision's bilinear resize have it. Where nothing is made smaller it samples as <see cref="ImageResampler"/>.</summary>
internal static class SmoothResampler
{
    private const float Unit = 1f / 255;

    /// <summary>Fills planes of 0..1 from a part of the image. The filter sees the image beyond the part's edges.</summary>
    /// <param name="image">Source image; not changed.</param>
    /// <param name="region">Part of the image, cut at the image's edges; never less than one pixel.</param>
    /// <param name="width">Columns of the target; at least 1.</param>
    /// <param name="height">Rows of the target; at least 1.</param>
    /// <param name="target">3 × height × width values.</param>
    public static void CropResize(RgbImage image, ImageRegion region, int width, int height, Span<float> target)
    {
        var (left, cropWidth) = ImageResampler.Cut(region.X1, region.X2, image.Width);
        var (top, cropHeight) = ImageResampler.Cut(region.Y1, region.Y2, image.Height);
        if (cropWidth <= width && cropHeight <= height)
        {
            ImageResampler.CropResize(image, region, width, height, target);
            return;
        }

        var (columns, rows) = (Taps.Of(left, cropWidth / width, image.Width, width), Taps.Of(top, cropHeight / height, image.Height, height));
        var (first, count) = (rows.Starts[0], rows.Starts[^1] + rows.Counts[^1] - rows.Starts[0]);
        var line = 3 * width;
        var buffer = ArrayPool<float>.Shared.Rent(checked(count * line));
        var sum = ArrayPool<float>.Shared.Rent(line);
        try
        {
            for (var y = 0; y < count; y++)
                Row(image.Pixels.Slice((first + y) * image.Width * 3, image.Width * 3), columns, width, buffer.AsSpan(y * line, line));
            for (var y = 0; y < height; y++)
            {
                var mixed = sum.AsSpan(0, line);
                mixed.Clear();
                for (var tap = 0; tap < rows.Counts[y]; tap++)
                    TensorPrimitives.MultiplyAdd(buffer.AsSpan((rows.Starts[y] - first + tap) * line, line), rows.Weights[(y * rows.Most) + tap], mixed, mixed);
                for (var c = 0; c < 3; c++)
                    mixed.Slice(c * width, width).CopyTo(target[(((c * height) + y) * width)..]);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffer);
            ArrayPool<float>.Shared.Return(sum);
        }
    }

    private static void Row(ReadOnlySpan<byte> pixels, Taps columns, int width, Span<float> planes)
    {
        for (var x = 0; x < width; x++)
        {
            var (red, green, blue) = (0f, 0f, 0f);
            var source = pixels.Slice(3 * columns.Starts[x], 3 * columns.Counts[x]);
            var weights = columns.Weights.AsSpan(x * columns.Most, columns.Counts[x]);
            for (var tap = 0; tap < weights.Length; tap++)
            {
                var weight = weights[tap];
                red += source[3 * tap] * weight;
                green += source[(3 * tap) + 1] * weight;
                blue += source[(3 * tap) + 2] * weight;
            }

            (planes[x], planes[width + x], planes[(2 * width) + x]) = (red * Unit, green * Unit, blue * Unit);
        }
    }

    /// <summary>Pixels that each value along one side is made of, and their weights, which sum to 1.</summary>
    private sealed record Taps(int[] Starts, int[] Counts, float[] Weights, int Most)
    {
        public static Taps Of(float start, float step, int size, int count)
        {
            var scale = Math.Max(1, step);
            var most = (2 * (int)MathF.Ceiling(scale)) + 2;
            var (starts, counts, weights) = (new int[count], new int[count], new float[count * most]);
            for (var i = 0; i < count; i++)
            {
                var middle = start + ((i + 0.5f) * step);
                var from = Math.Clamp((int)(middle - scale + 0.5f), 0, size - 1);
                var to = Math.Clamp((int)(middle + scale + 0.5f), from + 1, Math.Min(size, from + most));
                var of = weights.AsSpan(i * most, to - from);
                for (var tap = 0; tap < of.Length; tap++)
                    of[tap] = Math.Max(0, 1 - Math.Abs((from + tap + 0.5f - middle) / scale));
                // At least the nearest pixel counts.
                if (TensorPrimitives.Sum<float>(of) is var sum && sum > 0)
                    TensorPrimitives.Divide(of, sum, of);
                else
                    of[0] = 1;
                (starts[i], counts[i]) = (from, of.Length);
            }

            return new Taps(starts, counts, weights, most);
        }
    }
}
