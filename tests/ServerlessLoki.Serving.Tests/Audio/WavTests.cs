using System.Buffers.Binary;
using System.Text;
using ServerlessLoki.Serving.Audio;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Audio;

/// <summary>WAV files of every kind that is read, and those that are not.</summary>
public sealed class WavTests
{
    private static readonly double[] s_samples = [0, 0.5, -0.5, 0.25, -1];

    [Theory]
    [InlineData(8, TinyWav.Pcm)]
    [InlineData(16, TinyWav.Pcm)]
    [InlineData(24, TinyWav.Pcm)]
    [InlineData(32, TinyWav.Pcm)]
    [InlineData(32, TinyWav.Float)]
    [InlineData(64, TinyWav.Float)]
    public void Read_EverySampleFormat_SameSamples(int bits, int tag)
    {
        foreach (var (channels, isExtensible) in ((int, bool)[])[(1, false), (2, false), (3, true)])
        {
            var file = TinyWav.File(s_samples, 8000, bits, tag, channels, isExtensible);
            var header = WavHeader.Read(file);
            Assert.Equal((8000, channels, bits, tag == TinyWav.Float, 5), (header.Rate, header.Channels, header.Bits, header.IsFloat, header.Frames));
            Assert.Equal(s_samples.Select(static s => (float)s), WavSamples.Read(file, header, 8000));
        }
    }

    [Fact]
    public void Read_TwoChannels_AreTheirMean()
    {
        var file = TinyWav.File([0, 0], 8000, channels: 2);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(file.Length - 8), 16384);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(file.Length - 2), -8192);
        Assert.Equal([0.25f, -0.125f], WavSamples.Read(file, WavHeader.Read(file), 8000));
    }

    // A tone is the same tone at another rate: 0.5 sin(2π f t) at the new times. One above half the new rate is gone.
    [Theory]
    [InlineData(44_100, 16_000, 440)]
    [InlineData(48_000, 16_000, 1000)]
    [InlineData(8000, 16_000, 440)]
    [InlineData(22_050, 16_000, 3000)]
    [InlineData(96_000, 16_000, 440)]
    [InlineData(192_000, 16_000, 3000)]
    public void Read_AnotherRate_IsTheSameTone(int from, int to, int hertz)
    {
        var file = TinyWav.File(TinyWav.Sine(hertz, from, from / 2), from, 32, TinyWav.Float);
        var samples = WavSamples.Read(file, WavHeader.Read(file), to);
        Assert.Equal(to / 2, samples.Length);
        var expected = TinyWav.Sine(hertz, to, to / 2);
        // The filter needs some samples on either side.
        for (var i = 200; i < samples.Length - 200; i++)
            Assert.InRange(samples[i] - expected[i], -0.01, 0.01);
    }

    // At high rates too: 9,000 Hz would come back as 7,000.
    [Theory]
    [InlineData(48_000, 12_000)]
    [InlineData(48_000, 9000)]
    [InlineData(96_000, 9000)]
    [InlineData(192_000, 9000)]
    [InlineData(192_000, 40_000)]
    [InlineData(768_000, 9000)]
    public void Read_ToneAboveHalfTheNewRate_IsGone(int from, int hertz)
    {
        var file = TinyWav.File(TinyWav.Sine(hertz, from, from / 2), from, 32, TinyWav.Float);
        // 60 dB below the tone.
        Assert.InRange(WavSamples.Read(file, WavHeader.Read(file), 16_000)[200..7800].Max(Math.Abs), 0, 0.0005f);
    }

    // Powers of such samples are infinite; the rate of the file and another one.
    [Theory]
    [InlineData(1e20, 32)]
    [InlineData(1001, 32)]
    [InlineData(-1001, 64)]
    [InlineData(1e300, 64)]
    [InlineData(double.NaN, 32)]
    public void Read_SampleFarBeyondFullScale_IsRefused(double sample, int bits)
    {
        var file = TinyWav.File([0.5, sample, 0.5], 8000, bits, TinyWav.Float);
        foreach (var rate in (int[])[8000, 16_000])
            Assert.Contains("full scale is -1 to 1", Assert.Throws<SoundFormatException>(() => WavSamples.Read(file, WavHeader.Read(file), rate)).Message, StringComparison.Ordinal);
        var loud = TinyWav.File([0.5, 1000, -0.5], 8000, bits, TinyWav.Float);
        Assert.Equal([0.5f, 1000, -0.5f], WavSamples.Read(loud, WavHeader.Read(loud), 8000));
    }

    [Fact]
    public void Read_LengthBeyondTheEnd_IsWhatIsThere()
    {
        var file = TinyWav.File(s_samples, 8000);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(file.AsSpan().IndexOf("data"u8) + 4), uint.MaxValue);
        Assert.Equal(5, WavHeader.Read(file).Frames);
    }

    [Theory]
    [InlineData("", "there are no bytes")]
    [InlineData("RIFFxxxxWEBPVP8 ", "No sound that is read: the first bytes are 52494646")]
    [InlineData("RIFFxxxxWAVE", "its 'data' chunk is missing, and its 'fmt ' chunk too")]
    [InlineData("RIFFxxxxWAVEdata\0\0\0\0", "before its 'fmt ' chunk")]
    [InlineData("RIFFxxxxWAVEfmt \u0002\0\0\0xx", "chunk has 2 bytes")]
    public void Read_NoSuchFile_SaysWhatWasFound(string file, string expected) =>
        Assert.Contains(expected, Assert.Throws<SoundFormatException>(() => WavHeader.Read(Encoding.Latin1.GetBytes(file))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(20, 2, "format 2")] // ADPCM.
    [InlineData(22, 0, "0 channels")]
    [InlineData(24, 0, "at 0 Hz")]
    [InlineData(34, 12, "12 bits")]
    [InlineData(32, 9, "a frame has 9 bytes")]
    public void Read_FormatThatIsNotRead_SaysWhich(int at, short value, string expected)
    {
        // Without the chunk before it, "fmt " begins at 12 and its content at 20.
        var whole = TinyWav.File(s_samples, 8000);
        byte[] file = [.. whole[..12], .. whole[24..]];
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(at), value);
        Assert.Contains(expected, Assert.Throws<SoundFormatException>(() => WavHeader.Read(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TwentyThousandMutatedFiles_FailInOneWayAndInLittleMemory()
    {
        byte[][] seeds = [TinyWav.File(s_samples, 8000), TinyWav.File(s_samples, 44_100, 24, TinyWav.Pcm, 2, isExtensible: true), TinyWav.File(s_samples, 8000, 64, TinyWav.Float)];
        var random = new Random(7);
        var (read, refused) = (0, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20_000; i++)
        {
            var file = seeds[i % seeds.Length].ToArray();
            for (var m = random.Next(1, 6); m > 0; m--)
                file[random.Next(file.Length)] = (byte)random.Next(256);
            var part = random.Next(4) == 0 ? file.AsSpan(0, random.Next(file.Length)) : file;
            try
            {
                var header = WavHeader.Read(part);
                Assert.InRange(header.Offset + (header.Frames * header.Channels * header.Bits / 8), 1, part.Length);
                // The rate of the file bounds what it becomes; the door bounds the seconds.
                if (header.Seconds <= 1)
                    Assert.All(WavSamples.Read(part, header, i % 10 == 0 ? 16_000 : header.Rate), static sample => Assert.True(float.IsFinite(sample)));
                read++;
            }
            catch (SoundFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000L * 8192);
        Assert.True(read > 1000 && refused > 1000, $"{read} read, {refused} refused");
    }

    // A file of nothing but empty chunks: four million of them are walked over without memory.
    [Fact]
    public void Read_MillionsOfChunks_CostNoMemory()
    {
        var file = new byte[32 << 20];
        "RIFF"u8.CopyTo(file);
        "WAVE"u8.CopyTo(file.AsSpan(8));
        Assert.Throws<SoundFormatException>(() => WavHeader.Read(file));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<SoundFormatException>(() => WavHeader.Read(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
    }
}
