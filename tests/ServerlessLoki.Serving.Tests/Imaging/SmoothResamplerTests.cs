using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Serving.Tests.Imaging;

public sealed class SmoothResamplerTests
{
    // Each value by the definition: all pixels, weighed by how near their middle is.
    [Theory]
    [InlineData(40, 30, 7, 5, 0f, 0f, 1f, 1f)]
    [InlineData(40, 30, 9, 40, 0f, 0f, 1f, 1f)]
    [InlineData(64, 48, 6, 6, 0.25f, 0.125f, 0.75f, 0.9f)]
    [InlineData(9, 7, 1, 1, 0f, 0f, 1f, 1f)]
    public void CropResize_MadeSmaller_IsTheWeighedMean(int width, int height, int toWidth, int toHeight, float x1, float y1, float x2, float y2)
    {
        var pixels = new byte[3 * width * height];
        new Random(5).NextBytes(pixels);
        using var image = RgbImage.Over(width, height, pixels);
        var target = new float[3 * toWidth * toHeight];
        SmoothResampler.CropResize(image, new ImageRegion(x1, y1, x2, y2), toWidth, toHeight, target);
        var (stepX, stepY) = ((x2 - x1) * width / (double)toWidth, (y2 - y1) * height / (double)toHeight);
        for (var i = 0; i < target.Length; i++)
        {
            var (channel, y, x) = (i / (toWidth * toHeight), i / toWidth % toHeight, i % toWidth);
            var (middleX, middleY) = ((x1 * width) + ((x + 0.5) * stepX), (y1 * height) + ((y + 0.5) * stepY));
            var (sum, weights) = (0.0, 0.0);
            for (var at = 0; at < width * height; at++)
            {
                var weight = Math.Max(0, 1 - (Math.Abs((at % width) + 0.5 - middleX) / Math.Max(1, stepX))) * Math.Max(0, 1 - (Math.Abs((at / width) + 0.5 - middleY) / Math.Max(1, stepY)));
                (sum, weights) = (sum + (weight * pixels[(3 * at) + channel] / 255), weights + weight);
            }

            Assert.Equal(sum / weights, target[i], 2e-3);
        }
    }

    [Fact]
    public void CropResize_MadeLarger_SamplesAsWithoutAFilter()
    {
        var pixels = new byte[3 * 4 * 4];
        new Random(5).NextBytes(pixels);
        using var image = RgbImage.Over(4, 4, pixels);
        var (smooth, plain) = (new float[3 * 49], new float[3 * 49]);
        SmoothResampler.CropResize(image, ImageRegion.Whole, 7, 7, smooth);
        ImageResampler.CropResize(image, ImageRegion.Whole, 7, 7, plain);
        Assert.Equal(plain, smooth);
    }
}
