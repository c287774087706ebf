using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Serving.Tests.Imaging;

public sealed class PixelPoolTests
{
    [Fact]
    public void Return_ManyAndLargeArrays_KeepsNoMoreThanTheBound()
    {
        var large = Enumerable.Range(0, 4).Select(_ => RgbImage.Rent(4000, 4000)).ToArray();
        foreach (var image in large)
            image.Dispose();
        var many = Enumerable.Range(0, 200).Select(_ => RgbImage.Rent(640, 480)).ToArray();
        foreach (var image in many)
            image.Dispose();
        Assert.InRange(PixelPool.Kept, 0, PixelPool.MostKept);
    }

    [Theory]
    [InlineData(1, 1 << 8)]
    [InlineData(257, 1 << 9)]
    [InlineData(PixelPool.LargestKept, PixelPool.LargestKept)]
    [InlineData(PixelPool.LargestKept + 1, PixelPool.LargestKept + 1)]
    public void Rent_AnySize_IsRoundedUpOnlyWhereItIsKept(int bytes, int expected)
    {
        var array = PixelPool.Rent(bytes);
        Assert.Equal(expected, array.Length);
        PixelPool.Return(array);
    }
}
