using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Audio;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Audio;

public sealed class SoundWindowsTests
{
    [Theory]
    [InlineData(10, "0+4 2+4 4+4 6+4")]
    [InlineData(11, "0+4 2+4 4+4 6+4 7+4")]
    [InlineData(4, "0+4")]
    [InlineData(3, "0+3")]
    [InlineData(5, "0+4 1+4")]
    public void Of_Overlapping_TheLastEndsWithTheSound(int frames, string expected) => Assert.Equal(
        expected, string.Join(' ', SoundWindows.Of(new WavHeader(1000, 1, 16, false, 44, frames), new AudioForm { Window = 0.004, Hop = 0.002 }).Select(static w => $"{w.Start}+{w.Frames}")));

    [Theory]
    [InlineData(16, 1, TinyWav.Pcm, false)]
    [InlineData(24, 3, TinyWav.Pcm, true)]
    [InlineData(32, 2, TinyWav.Float, false)]
    public void Write_AnyFormat_IsAFileOfThoseFrames(int bits, int channels, int tag, bool isExtensible)
    {
        var file = TinyWav.File([0, 0.25, 0.5, -0.5, -0.25], 8000, bits, tag, channels, isExtensible);
        var header = WavHeader.Read(file);
        var target = new byte[SoundWindows.Bytes(header, 3)];
        SoundWindows.Write(file, header, (1, 3), target);
        var read = WavHeader.Read(target);
        Assert.Equal(header with { Frames = 3, Offset = SoundWindows.HeaderBytes }, read);
        Assert.Equal([0.25f, 0.5f, -0.5f], WavSamples.Read(target, read, 8000));
    }
}
