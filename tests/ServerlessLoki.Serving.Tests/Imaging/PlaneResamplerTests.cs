using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Serving.Tests.Imaging;

public sealed class PlaneResamplerTests
{
    [Theory]
    [InlineData(5, 7)]
    [InlineData(3, 2)]
    [InlineData(12, 9)]
    [InlineData(6, 8)]
    [InlineData(1, 1)]
    public void Resize_OfAPicture_IsWhatTheImageResamplerMakesOfIt(int height, int width)
    {
        using var image = RgbImage.Rent(8, 6);
        for (var i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)(i * 37);
        var planes = new float[3 * 8 * 6];
        ImageResampler.CropResize(image, ImageRegion.Whole, 8, 6, planes);
        var expected = new float[3 * height * width];
        ImageResampler.CropResize(image, ImageRegion.Whole, width, height, expected);

        var resized = new float[expected.Length];
        PlaneResampler.Resize(planes, (6, 8), resized, (height, width));

        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], resized[i], 1e-5f);
    }

    [Fact]
    public void Resize_OfWhatIsNoWholePlane_IsRefused() =>
        Assert.Throws<ArgumentException>(() => PlaneResampler.Resize(new float[7], (2, 2), new float[4], (2, 2)));
}
