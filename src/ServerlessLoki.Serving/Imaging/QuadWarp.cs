using System.Numerics;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>A quadrilateral of a picture → an upright picture, by the projection that takes corners to corners; bilinear, edges repeated.</summary>
/// <remarks>Skia draws no pictures of 24-bit pixels: it would need a copy of the whole picture for each text in it.</remarks>
internal static class QuadWarp
{
    /// <summary>Fills a picture.</summary>
    /// <param name="image">Not changed.</param>
    /// <param name="corners">Where the target's corners lie in the image, pixels: top left, top right, bottom right, bottom left.</param>
    /// <param name="target">Filled.</param>
    public static void Fill(RgbImage image, ReadOnlySpan<Vector2> corners, RgbImage target)
    {
        // Of the unit square to a quadrilateral: Heckbert, "Fundamentals of Texture Mapping and Image Warping", section 2.2.3.
        var (a, b, c, d) = (corners[0], corners[1], corners[2], corners[3]);
        var sum = a - b + c - d;
        var (right, down) = (b - c, d - c);
        var area = (right.X * down.Y) - (down.X * right.Y);
        var g = area == 0 ? 0 : ((sum.X * down.Y) - (down.X * sum.Y)) / area;
        var h = area == 0 ? 0 : ((right.X * sum.Y) - (sum.X * right.Y)) / area;
        var (across, along) = (b - a + (g * b), d - a + (h * d));
        ReadOnlySpan<byte> source = image.Pixels;
        var pixels = target.Pixels;
        for (var y = 0; y < target.Height; y++)
        {
            var v = (y + 0.5f) / target.Height;
            for (var x = 0; x < target.Width; x++)
            {
                var u = (x + 0.5f) / target.Width;
                var at = ((across * u) + (along * v) + a) / ((g * u) + (h * v) + 1);
                Sample(source, image.Width, image.Height, at.X - 0.5f, at.Y - 0.5f, pixels[(3 * ((y * target.Width) + x))..]);
            }
        }
    }

    private static void Sample(ReadOnlySpan<byte> pixels, int width, int height, float x, float y, Span<byte> target)
    {
        (x, y) = (Inside(x, width), Inside(y, height));
        var (left, top) = ((int)x, (int)y);
        var (right, bottom) = (Math.Min(left + 1, width - 1), Math.Min(top + 1, height - 1));
        for (var channel = 0; channel < 3; channel++)
        {
            var above = Between(pixels[(3 * ((top * width) + left)) + channel], pixels[(3 * ((top * width) + right)) + channel], x - left);
            var below = Between(pixels[(3 * ((bottom * width) + left)) + channel], pixels[(3 * ((bottom * width) + right)) + channel], x - left);
            target[channel] = (byte)MathF.Round(Between(above, below, y - top));
        }
    }

    /// <summary>A projection may lead anywhere, and to no number.</summary>
    private static float Inside(float value, int size) => float.IsFinite(value) ? Math.Clamp(value, 0, size - 1) : 0;

    private static float Between(float from, float to, float part) => from + ((to - from) * part);
}
