using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Serving.Tests.Imaging;

public sealed class ImageResamplerTests
{
    [Theory]
    [InlineData(16, 4)]
    [InlineData(21, 5)]
    [InlineData(3, 2)]
    public void CropResize_ToTheSameSize_IsThePixelsDividedBy255(int width, int height)
    {
        using var image = PictureCodecTests.Noise(width, height, 3);
        var target = new float[3 * width * height];
        ImageResampler.CropResize(image, ImageRegion.Whole, width, height, target);
        for (var i = 0; i < width * height; i++)
        {
            for (var c = 0; c < 3; c++) Assert.Equal(image.Pixels[(3 * i) + c] / 255f, target[(c * width * height) + i], 1e-6f);
        }
    }

    [Theory]
    [InlineData(40, 30, 0, 0, 1, 1, 17, 9)]
    [InlineData(40, 30, 0.1f, 0.2f, 0.55f, 0.9f, 32, 32)]
    [InlineData(7, 5, 0, 0, 1, 1, 50, 40)]
    [InlineData(40, 30, 0.9f, 0.9f, 1.4f, 1.2f, 8, 8)]
    [InlineData(40, 30, 0.5f, 0.5f, 0.5f, 0.5f, 4, 4)]
    public void CropResize_OfAPart_IsBilinear(int w, int h, float x1, float y1, float x2, float y2, int width, int height)
    {
        using var image = PictureCodecTests.Noise(w, h, 4);
        var target = new float[3 * width * height];
        ImageResampler.CropResize(image, new ImageRegion(x1, y1, x2, y2), width, height, target);

        var (left, cropW) = Part(x1, x2, w);
        var (top, cropH) = Part(y1, y2, h);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var sx = Math.Clamp(left + ((x + 0.5) * cropW / width) - 0.5, 0, w - 1);
                var sy = Math.Clamp(top + ((y + 0.5) * cropH / height) - 0.5, 0, h - 1);
                var (ix, iy) = ((int)sx, (int)sy);
                var (fx, fy) = (sx - ix, sy - iy);
                for (var c = 0; c < 3; c++)
                {
                    double At(int px, int py) => image.Pixels[(((Math.Min(py, h - 1) * w) + Math.Min(px, w - 1)) * 3) + c] / 255.0;
                    var expected = (((At(ix, iy) * (1 - fx)) + (At(ix + 1, iy) * fx)) * (1 - fy))
                        + (((At(ix, iy + 1) * (1 - fx)) + (At(ix + 1, iy + 1) * fx)) * fy);
                    Assert.Equal(expected, target[(c * width * height) + (y * width) + x], 1e-4);
                }
            }
        }
    }

    [Fact]
    public void CropResize_OfNonsense_StaysInTheImage()
    {
        using var image = PictureCodecTests.Noise(9, 9, 5);
        var target = new float[3 * 4 * 4];
        foreach (var region in new ImageRegion[] { new(float.NaN, float.NaN, float.NaN, float.NaN), new(2, 2, -3, -3), new(float.NegativeInfinity, 0, float.PositiveInfinity, 1) })
        {
            ImageResampler.CropResize(image, region, 4, 4, target);
            Assert.All(target, v => Assert.InRange(v, 0f, 1f));
        }
    }

    [Fact]
    public void CropResize_AtSteadyState_DoesNotAllocate()
    {
        using var image = PictureCodecTests.Noise(64, 48, 6);
        var target = new float[3 * 32 * 32];
        ImageResampler.CropResize(image, ImageRegion.Whole, 32, 32, target);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) ImageResampler.CropResize(image, new ImageRegion(0.1f, 0.1f, 0.8f, 0.9f), 32, 32, target);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void CropResize_IntoAWrongTarget_Throws()
    {
        using var image = PictureCodecTests.Noise(4, 4, 6);
        Assert.Throws<ArgumentException>(() => ImageResampler.CropResize(image, ImageRegion.Whole, 4, 4, new float[47]));
    }

    [Fact]
    public void Grow_NearTheEdge_IsCutThere() =>
        Assert.Equal(new ImageRegion(0, 0.3f, 0.7f, 1), Rounded(new ImageRegion(0.1f, 0.4f, 0.6f, 0.9f).Grow(0.2f)));

    private static ImageRegion Rounded(ImageRegion r) =>
        new(MathF.Round(r.X1, 4), MathF.Round(r.Y1, 4), MathF.Round(r.X2, 4), MathF.Round(r.Y2, 4));

    private static (double Start, double Length) Part(float from, float to, int size)
    {
        double start = Math.Clamp(from, 0, 1) * size, end = Math.Clamp(to, 0, 1) * size;
        return end - start >= 1 ? (start, end - start) : (Math.Clamp(((start + end) / 2) - 0.5, 0, size - 1), 1);
    }
}
