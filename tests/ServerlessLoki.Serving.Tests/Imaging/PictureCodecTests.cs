using System.Buffers.Binary;
using System.IO.Compression;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Imaging;

public sealed class PictureCodecTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 3)]
    [InlineData(64, 33)]
    [InlineData(257, 19)]
    public void Decode_OfEncoded_GivesTheSamePixels(int width, int height)
    {
        using var image = Noise(width, height, 7);
        using var back = PictureCodec.Decode(PictureCodec.EncodePng(image), ImageLimits.Default);
        Assert.Equal((width, height), (back.Width, back.Height));
        Assert.True(image.Pixels.SequenceEqual(back.Pixels));
    }

    [Fact]
    public void Decode_OfSmoothImage_UndoesEveryFilterOfTheEncoder()
    {
        using var image = Gradient(200, 100);
        using var back = PictureCodec.Decode(PictureCodec.EncodePng(image, CompressionLevel.Optimal), ImageLimits.Default);
        Assert.True(image.Pixels.SequenceEqual(back.Pixels));
    }

    [Theory]
    [CombinatorialKinds]
    public void Decode_OfEachKindFilterAndInterlacing_GivesTheSamples(int color, int depth, int filter, bool interlaced)
    {
        var file = TestPng.Make(13, 11, color, depth, filter, interlaced, seed: (color * 100) + depth);
        using var image = PictureCodec.Decode(file.Bytes, ImageLimits.Default);
        Assert.True(file.Rgb.AsSpan().SequenceEqual(image.Pixels));
    }

    [Fact]
    public void Decode_WithDataInManySmallChunks_ReadsAllOfThem()
    {
        var file = TestPng.Make(31, 17, 2, 8, 4, interlaced: false, seed: 3, chunk: 5);
        using var image = PictureCodec.Decode(file.Bytes, ImageLimits.Default);
        Assert.True(file.Rgb.AsSpan().SequenceEqual(image.Pixels));
    }

    [Fact]
    public void Decode_OfHugeHeader_RefusesBeforeTakingMemory()
    {
        var png = PictureCodec.EncodePng(RgbImage.Over(1, 1, [1, 2, 3]));
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 100_000_000);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 100_000_000);
        TestPng.FixHeaderCrc(png);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ImageTooLargeException>(() => PictureCodec.Decode(png, ImageLimits.Default));
        Assert.Contains("100000000", error.Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Fact]
    public void Decode_OfImageAboveTheCallersLimit_Refuses()
    {
        using var image = Noise(10, 4, 1);
        var png = PictureCodec.EncodePng(image);
        Assert.Throws<ImageTooLargeException>(() => PictureCodec.Decode(png, new ImageLimits(9, 100, 1000)));
        Assert.Throws<ImageTooLargeException>(() => PictureCodec.Decode(png, new ImageLimits(100, 3, 1000)));
        Assert.Throws<ImageTooLargeException>(() => PictureCodec.Decode(png, new ImageLimits(100, 100, 39)));
        PictureCodec.Decode(png, new ImageLimits(10, 4, 40)).Dispose();
    }

    [Fact]
    public void Decode_OfAnyTruncation_Refuses()
    {
        using var image = Noise(16, 16, 2);
        var png = PictureCodec.EncodePng(image);
        for (var length = 0; length < png.Length; length++)
            Assert.Throws<ImageFormatException>(() => PictureCodec.Decode(png.AsSpan(0, length), ImageLimits.Default));
    }

    [Fact]
    public void Decode_OfTooLittleOrCorruptData_Refuses()
    {
        Assert.Throws<ImageFormatException>(() => PictureCodec.Decode(TestPng.Make(8, 8, 2, 8, 0, false, 1, rows: 7).Bytes, ImageLimits.Default));
        Assert.Throws<ImageFormatException>(() => PictureCodec.Decode(TestPng.Make(8, 8, 2, 8, 9, false, 1).Bytes, ImageLimits.Default));
    }

    [Fact]
    public void Decode_OfMutatedFiles_ThrowsOnlyImageFormatExceptions()
    {
        var random = new Random(5);
        var files = new[] { TestPng.Make(20, 9, 3, 4, 2, true, 1).Bytes, TestPng.Make(20, 9, 6, 16, 4, false, 2).Bytes };
        var refused = 0;
        for (var i = 0; i < 4000; i++)
        {
            var bytes = (byte[])files[i % 2].Clone();
            for (var m = random.Next(1, 5); m > 0; m--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (i % 3 == 0) TestPng.FixAllCrcs(bytes);
            try
            {
                PictureCodec.Decode(bytes, new ImageLimits(500, 500, 100_000)).Dispose();
            }
            catch (ImageFormatException)
            {
                refused++;
            }
        }
        Assert.True(refused > 2000);
    }

    [Fact]
    public void Decode_WrongContentUnderRightChecksums_IsRefusedOrRead()
    {
        var random = new Random(5);
        var png = PictureCodec.EncodePng(Noise(20, 20, 1));
        var refused = 0;
        for (var i = 0; i < 10_000; i++)
        {
            try
            {
                PictureCodec.Decode(MalformedBodies.SpoilImage(random, png), new ImageLimits(500, 500, 100_000)).Dispose();
            }
            catch (ImageFormatException)
            {
                refused++;
            }
        }
        Assert.True(refused > 5000);
    }

    internal static RgbImage Noise(int width, int height, int seed)
    {
        var image = RgbImage.Rent(width, height);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    }

    internal static RgbImage Gradient(int width, int height)
    {
        var image = RgbImage.Rent(width, height);
        for (var i = 0; i < width * height; i++)
        {
            image.Pixels[3 * i] = (byte)(i % width);
            image.Pixels[(3 * i) + 1] = (byte)(i / width * 2);
            image.Pixels[(3 * i) + 2] = (byte)((i % width * (i / width)) >> 5);
        }
        return image;
    }
}
