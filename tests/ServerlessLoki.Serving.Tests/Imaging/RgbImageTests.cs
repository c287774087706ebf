using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Serving.Tests.Imaging;

public sealed class RgbImageTests
{
    [Fact]
    public void Pixels_AfterDispose_Throw()
    {
        var image = RgbImage.Rent(3, 2);
        Assert.Equal(18, image.Pixels.Length);
        image.Dispose();
        image.Dispose();
        Assert.Throws<ObjectDisposedException>(() => image.Pixels.Length);
    }

    [Fact]
    public void Create_OfImpossibleSizes_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RgbImage.Rent(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => RgbImage.Rent(int.MaxValue, int.MaxValue));
        Assert.Throws<ArgumentException>(() => RgbImage.Over(2, 2, new byte[11]));
    }
}
