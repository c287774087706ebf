using System.Buffers.Binary;
using System.Diagnostics;
using ServerlessLoki.Serving.Imaging;
using SkiaSharp;

namespace ServerlessLoki.Serving.Tests.Imaging;

public sealed class PictureFormatTests
{
    public static TheoryData<string> Kinds => [.. TestPictures.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_EachFormat_GivesThePicture(string kind)
    {
        var (file, format) = TestPictures.Make(kind);
        var header = PictureCodec.Header(file, ImageLimits.Default);
        Assert.Equal((format, 40, 24), (header.Format, header.Width, header.Height));
        Assert.InRange(header.DecodeBytes, 4L * 40 * 24, 12L * 40 * 24);
        PictureCodec.Check(file, ImageLimits.Default);
        using var image = PictureCodec.Decode(file, ImageLimits.Default);
        Assert.Equal((40, 24), (image.Width, image.Height));
        // Left half red, right half blue; grey files have their brightness.
        var (left, right) = TestPictures.Colors(kind);
        AssertNear(left, image, 5, 12, kind);
        AssertNear(right, image, 34, 12, kind);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_CutAtEachTenth_IsRefused(string kind)
    {
        var file = TestPictures.Make(kind).File;
        for (var tenth = 0; tenth < 10; tenth++)
        {
            var error = Assert.Throws<ImageFormatException>(() => PictureCodec.Decode(file.AsSpan(0, file.Length * tenth / 10), ImageLimits.Default));
            Assert.NotEmpty(error.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_RandomFaults_AreReadOrRefusedInPlainWords(string kind)
    {
        var good = TestPictures.Make(kind).File;
        var random = new Random(11);
        for (var i = 0; i < 1_500; i++)
        {
            var file = good.ToArray();
            for (var n = random.Next(1, 6); n > 0; n--)
                file[random.Next(random.Next(2) == 0 ? Math.Min(64, file.Length) : file.Length)] = (byte)random.Next(256);
            if (PictureFormats.Find(file) == PictureFormat.Png && i % 2 == 0)
                TestPng.FixAllCrcs(file);
            try
            {
                PictureCodec.Decode(file, new ImageLimits(2_000, 2_000, 500_000)).Dispose();
            }
            catch (ImageFormatException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }
    }

    [Theory]
    [InlineData("png", 16, false)]
    [InlineData("jpeg", -1, false)]
    [InlineData("bmp", 18, true)]
    [InlineData("gif", 6, true)]
    [InlineData("webp", -1, true)]
    public void Header_HugeSize_IsRefusedBeforeMemoryIsTaken(string kind, int at, bool isLittle)
    {
        var file = TestPictures.Make(kind).File;
        if (kind == "jpeg")
        {
            at = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]) + 5;
            BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(at), 30_000);
            BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(at + 2), 30_000);
        }
        else if (kind == "webp")
        {
            // VP8L: 14 bits each of width - 1 and height - 1 behind the signature byte 2F.
            at = file.AsSpan().IndexOf("VP8L"u8) + 9;
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), 16_000u | (16_000u << 14));
        }
        else if (kind == "gif")
        {
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), 30_000);
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at + 2), 30_000);
        }
        else
        {
            var side = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(side, 30_000);
            if (isLittle)
                side.AsSpan().Reverse();
            side.CopyTo(file, at);
            side.CopyTo(file, at + 4);
            TestPng.FixAllCrcs(file);
        }

        var before = Process.GetCurrentProcess().PeakWorkingSet64;
        var managed = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ImageTooLargeException>(() => PictureCodec.Header(file, ImageLimits.Default));
        Assert.Contains(kind == "webp" ? "16001" : "30000", error.Message, StringComparison.Ordinal);
        Assert.Throws<ImageTooLargeException>(() => PictureCodec.Decode(file, ImageLimits.Default));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - managed, 0, 100_000);
        // Other tests run beside this one; the pixels alone would be 1 GB and more.
        Assert.InRange(Process.GetCurrentProcess().PeakWorkingSet64, 0, before + 900_000_000);
    }

    [Theory]
    [InlineData(1, "RGBW")]
    [InlineData(2, "GRWB")]
    [InlineData(3, "WBGR")]
    [InlineData(4, "BWRG")]
    [InlineData(5, "RBGW")]
    [InlineData(6, "BRWG")]
    [InlineData(7, "WGBR")]
    [InlineData(8, "GWRB")]
    public void Decode_EachOrientation_StandsUpright(int orientation, string corners)
    {
        // As stored: red, green above blue, white.
        var file = TestPictures.Oriented(orientation);
        var header = PictureCodec.Header(file, ImageLimits.Default);
        using var image = PictureCodec.Decode(file, ImageLimits.Default);
        Assert.Equal(orientation < 5 ? (48, 32) : (32, 48), (image.Width, image.Height));
        Assert.Equal((image.Width, image.Height), (header.Width, header.Height));
        Assert.Equal((orientation == 1 ? 4 : 7) * 48 * 32, header.DecodeBytes);
        var seen = string.Concat(new[] { (4, 4), (image.Width - 5, 4), (4, image.Height - 5), (image.Width - 5, image.Height - 5) }.Select(p => Corner(image, p.Item1, p.Item2)));
        Assert.Equal(corners, seen);
    }

    [Fact]
    public void Decode_AlphaGammaAndProfile_ChangeNoSample()
    {
        var (bytes, rgb) = TestPng.Make(16, 16, 6, 8, 1, false, 9);
        // gAMA, sRGB and a transparent colour go between the header and the data.
        var marked = TestPictures.WithChunks(bytes, ("gAMA", [0, 0, 0xB1, 0x8F]), ("cHRM", new byte[32]));
        using var image = PictureCodec.Decode(marked, ImageLimits.Default);
        Assert.True(rgb.AsSpan().SequenceEqual(image.Pixels));
        var (plain, plainRgb) = TestPng.Make(16, 16, 2, 8, 1, false, 9);
        var key = new byte[] { 0, plainRgb[0], 0, plainRgb[1], 0, plainRgb[2] };
        using var keyed = PictureCodec.Decode(TestPictures.WithChunks(plain, ("tRNS", key), ("sRGB", [0])), ImageLimits.Default);
        Assert.True(plainRgb.AsSpan().SequenceEqual(keyed.Pixels));
    }

    [Fact]
    public void Header_ProgressiveAndInterlaced_AreChargedForWhatTheDecoderKeeps()
    {
        var baseline = TestPictures.Make("jpeg").File;
        var at = baseline.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        Assert.Equal(4L * 40 * 24, PictureCodec.Header(baseline, ImageLimits.Default).DecodeBytes);
        baseline[at + 1] = 0xC2;
        Assert.Equal(10L * 40 * 24, PictureCodec.Header(baseline, ImageLimits.Default).DecodeBytes);
        var interlaced = TestPng.Make(40, 24, 2, 8, 0, true, 1).Bytes;
        Assert.Equal(12L * 40 * 24, PictureCodec.Header(interlaced, ImageLimits.Default).DecodeBytes);
    }

    [Fact]
    public void Find_ByBytes_NotByName()
    {
        Assert.Null(PictureFormats.Find("II*\0"u8));
        Assert.Null(PictureFormats.Find([]));
        var error = Assert.Throws<ImageFormatException>(() => PictureCodec.Header("II*\0"u8, ImageLimits.Default));
        Assert.Contains("49492A00", error.Message, StringComparison.Ordinal);
        Assert.Contains("PNG, JPEG, WebP, BMP, GIF", error.Message, StringComparison.Ordinal);
        Assert.True(PictureFormats.IsMediaType("Image/JPEG"));
        Assert.False(PictureFormats.IsMediaType("image/tiff"));
    }

    [Fact]
    public async Task Decode_ManyAtOnce_GiveTheSamePixelsAndKeepNoMemory()
    {
        var files = TestPictures.Kinds.Select(k => TestPictures.Make(k).File).ToArray();
        var expected = files.Select(f =>
        {
            using var image = PictureCodec.Decode(f, ImageLimits.Default);
            return image.Pixels.ToArray();
        }).ToArray();
        await Parallel.ForEachAsync(Enumerable.Range(0, 400), TestContext.Current.CancellationToken, (i, _) =>
        {
            using var image = PictureCodec.Decode(files[i % files.Length], ImageLimits.Default);
            Assert.True(expected[i % files.Length].AsSpan().SequenceEqual(image.Pixels));
            return ValueTask.CompletedTask;
        });

        var large = PictureCodec.EncodePng(RgbImage.Over(1000, 1000, new byte[3_000_000]));
        PictureCodec.Decode(large, ImageLimits.Default).Dispose();
        var before = Process.GetCurrentProcess().WorkingSet64;
        for (var i = 0; i < 500; i++)
            PictureCodec.Decode(large, ImageLimits.Default).Dispose();
        // 500 that were kept would be 2 GB.
        Assert.InRange(Process.GetCurrentProcess().WorkingSet64 - before, long.MinValue, 500_000_000);
    }

    private static char Corner(RgbImage image, int x, int y)
    {
        var p = image.Pixels.Slice(((y * image.Width) + x) * 3, 3);
        return (p[0] > 128, p[1] > 128, p[2] > 128) switch
        {
            (true, true, true) => 'W', (true, _, _) => 'R', (_, true, _) => 'G', (_, _, true) => 'B', _ => '?',
        };
    }

    private static void AssertNear(SKColor want, RgbImage image, int x, int y, string kind)
    {
        var p = image.Pixels.Slice(((y * image.Width) + x) * 3, 3);
        Assert.True(
            Math.Abs(want.Red - p[0]) <= 6 && Math.Abs(want.Green - p[1]) <= 6 && Math.Abs(want.Blue - p[2]) <= 6,
            $"{kind} at {x},{y}: {p[0]},{p[1]},{p[2]} instead of {want}");
    }
}
