using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Samples.Painting;

/// <summary>Camera effects between the street and the image: light, lens blur, motion blur, sensor noise.</summary>
internal static class Camera
{
    /// <summary>Converts linear channel values to the final image.</summary>
    public static RgbImage Expose(float[] pixels, int width, int height, SceneRandom random)
    {
        var dark = random.Chance(0.25);
        var light = dark ? random.Range(0.34, 0.6) : random.Range(0.72, 1.12);
        var warm = random.Range(-0.09, 0.09);
        Span<float> gain =
        [
            (float)(light * (1 + warm) * (dark ? 0.88 : 1)),
            (float)(light * (dark ? 0.94 : 1)),
            (float)(light * (1 - warm) * (dark ? 1.15 : 1)),
        ];
        for (var i = random.Weighted([0.36, 0.34, 0.2, 0.1]); i > 0; i--)
        {
            Smooth(pixels, width, height);
        }

        if (random.Chance(0.25))
        {
            Drag(pixels, width, height, 2 + random.Below(3));
        }

        var haze = random.Chance(0.25) ? (float)random.Range(0.08, 0.3) : 0f;
        var noise = (float)(random.Range(1, 9) + (dark ? random.Range(2, 8) : 0));
        var bytes = new byte[pixels.Length];
        for (var i = 0; i < bytes.Length; i += 3)
        {
            // Four 16-bit uniforms summed: close enough to a normal distribution, and exact everywhere.
            var bits = random.NextBits();
            var shared = Normal(bits) * noise * 0.7f;
            var own = random.NextBits();
            for (var c = 0; c < 3; c++)
            {
                var chroma = (((int)((own >> (c * 20)) & 0xFFFF) / 65536f) - 0.5f) * noise * 1.6f;
                var value = pixels[i + c] * gain[c];
                value += (190 * (float)light - value) * haze;
                bytes[i + c] = Rgb.Clamp(value + shared + chroma);
            }
        }

        return RgbImage.Over(width, height, bytes);
    }

    private static float Normal(ulong bits)
    {
        var sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
        return ((sum / 65536f) - 2f) * 1.7320508f;
    }

    // One pass of the 1-2-1 kernel in both directions.
    private static void Smooth(float[] pixels, int width, int height)
    {
        var row = width * 3;
        for (var y = 0; y < height; y++)
        {
            for (var c = 0; c < 3; c++)
            {
                Smooth(pixels, (y * row) + c, 3, width);
            }
        }

        for (var x = 0; x < row; x++)
        {
            Smooth(pixels, x, row, height);
        }
    }

    private static void Smooth(float[] pixels, int at, int step, int count)
    {
        var before = pixels[at];
        for (var i = 0; i < count - 1; i++, at += step)
        {
            var here = pixels[at];
            pixels[at] = (before + here + here + pixels[at + step]) * 0.25f;
            before = here;
        }
    }

    // A moving camera: the mean of each pixel and its right neighbours.
    private static void Drag(float[] pixels, int width, int height, int reach)
    {
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width - reach; x++)
            {
                var at = ((y * width) + x) * 3;
                for (var c = 0; c < 3; c++)
                {
                    var sum = 0f;
                    for (var k = 0; k < reach; k++)
                    {
                        sum += pixels[at + c + (k * 3)];
                    }

                    pixels[at + c] = sum / reach;
                }
            }
        }
    }
}
