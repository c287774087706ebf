using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Serving.Tests.Imaging;

namespace ServerlessLoki.Serving.Tests.Queries;

[Collection(PooledCollection.Name)]
public sealed class ImageInputTests
{
    private static readonly byte[] s_pixels = [1, 2, 3, 4, 5, 6];
    private static readonly byte[] s_png = PictureCodec.EncodePng(RgbImage.Over(2, 1, s_pixels));

    [Fact]
    public void Png_CutBehindItsHeader_HasASizeAndFailsWhenItIsUsed()
    {
        using var input = new ImageInput(PooledBytes.CopyOf(s_png.AsSpan(0, s_png.Length - 14)), s_png.Length - 14, ImageLimits.Default);
        Assert.Equal((2, 1, 8, false), (input.Width, input.Height, input.PixelBytes, input.IsDecoded));
        Assert.Throws<ImageFormatException>(() => input.Image);
    }

    [Fact]
    public void Png_WrongHeader_IsRefusedAndStaysTheCallers()
    {
        using var body = PooledBytes.CopyOf(s_png.AsSpan(0, 20));
        Assert.Throws<ImageFormatException>(() => new ImageInput(body, 20, ImageLimits.Default));
        using var whole = PooledBytes.CopyOf(s_png);
        Assert.Throws<ImageTooLargeException>(() => new ImageInput(whole, s_png.Length, new ImageLimits(1, 1, 1)));
        Assert.Equal(s_png, whole.Memory.ToArray());
    }

    [Fact]
    public void Image_IsDecodedOnceAndThePngMakesRoom()
    {
        var body = PooledBytes.CopyOf(s_png);
        using var input = new ImageInput(body, s_png.Length, ImageLimits.Default);
        Assert.Equal(s_png, input.Encoded.ToArray());
        using (var lease = input.Open())
            Assert.Equal(s_pixels, lease.Image.Pixels.ToArray());
        Assert.True(input.IsDecoded);
        Assert.Same(input.Image, input.Image);
        Assert.Empty(input.Encoded.ToArray());
        Assert.Throws<ObjectDisposedException>(() => body.Memory);
    }

    [Fact]
    public void Open_DecodesAgain_FreesPixelsAfterTheLastUseUnlessTheyAreKept()
    {
        using var input = new ImageInput(PooledBytes.CopyOf(s_png), s_png.Length, ImageLimits.Default, decodesAgain: true);
        var (first, second) = (input.Open(), input.Open());
        Assert.Same(first.Image, second.Image);
        first.Dispose();
        Assert.True(input.IsDecoded);
        second.Dispose();
        Assert.False(input.IsDecoded);
        input.IsKept = true;
        input.Open().Dispose();
        Assert.True(input.IsDecoded);
        input.IsKept = false;
        Assert.Equal((false, s_png.Length), (input.IsDecoded, input.Encoded.Length));
    }

    [Fact]
    public void Dispose_FreesPngAndCharge()
    {
        var budget = new ByteBudget(100);
        var body = PooledBytes.CopyOf(s_png);
        var input = new ImageInput(body, s_png.Length, ImageLimits.Default) { Charge = budget.Take(7) };
        Assert.Equal(7, budget.Used);
        input.Dispose();
        Assert.Equal(0, budget.Used);
        Assert.Throws<ObjectDisposedException>(() => body.Memory);
        Assert.Throws<ObjectDisposedException>(() => input.Image);
    }

    [Fact]
    public void Png_CorruptData_IsFoundWhereItIsDecoded()
    {
        var corrupt = TestPng.Make(8, 8, 2, 8, 9, false, 1).Bytes;
        PictureCodec.Check(corrupt, ImageLimits.Default);
        using var input = new ImageInput(PooledBytes.CopyOf(corrupt), corrupt.Length, ImageLimits.Default);
        Assert.Throws<ImageFormatException>(() => input.Open());
        Assert.False(input.IsDecoded);
    }
}
