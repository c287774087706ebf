namespace ServerlessLoki.Serving.Imaging;

/// <summary>Resampler of planar FP32 images (channel, height, width), with the rules of <see cref="ImageResampler"/>: bilinear, pixel
/// centres at half coordinates, edges repeated.</summary>
internal static class PlaneResampler
{
    /// <summary>Resizes each plane.</summary>
    /// <param name="source">Planes × height × width values.</param>
    /// <param name="from">Height and width of the source.</param>
    /// <param name="target">Target with the same number of planes.</param>
    /// <param name="to">Height and width of the target.</param>
    /// <exception cref="ArgumentException">The values are not the same number of whole planes.</exception>
    public static void Resize(ReadOnlySpan<float> source, (int Height, int Width) from, Span<float> target, (int Height, int Width) to)
    {
        var (size, wanted) = (from.Height * from.Width, to.Height * to.Width);
        if (size < 1 || wanted < 1 || source.Length % size != 0 || target.Length != source.Length / size * wanted)
            throw new ArgumentException($"{source.Length} values of {from.Height} × {from.Width} do not make {target.Length} of {to.Height} × {to.Width}.", nameof(target));
        for (; !source.IsEmpty; source = source[size..], target = target[wanted..])
            Plane(source[..size], from, target[..wanted], to);
    }

    private static void Plane(ReadOnlySpan<float> source, (int Height, int Width) from, Span<float> target, (int Height, int Width) to)
    {
        for (var y = 0; y < to.Height; y++)
        {
            var (row, below, down) = At(y, to.Height, from.Height);
            for (var x = 0; x < to.Width; x++)
            {
                var (column, right, across) = At(x, to.Width, from.Width);
                var above = Mix(source[(row * from.Width) + column], source[(row * from.Width) + right], across);
                var under = Mix(source[(below * from.Width) + column], source[(below * from.Width) + right], across);
                target[(y * to.Width) + x] = Mix(above, under, down);
            }
        }
    }

    private static (int First, int Second, float Weight) At(int index, int wanted, int size)
    {
        var at = Math.Clamp(((index + 0.5f) * size / wanted) - 0.5f, 0, size - 1);
        var first = (int)at;
        return (first, Math.Min(first + 1, size - 1), at - first);
    }

    private static float Mix(float a, float b, float weight) => a + ((b - a) * weight);
}
