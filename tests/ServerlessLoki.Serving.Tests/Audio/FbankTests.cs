using ServerlessLoki.Serving.Audio;

namespace ServerlessLoki.Serving.Tests.Audio;

/// <summary>Kaldi's filter banks on values that a Fourier transform in double precision gives by their definition.</summary>
public sealed class FbankTests
{
    [Theory]
    [InlineData(0, 0, 4.7166)]
    [InlineData(0, 8, 14.7391)]
    [InlineData(0, 9, 9.4018)]
    [InlineData(10, 27, 18.4582)]
    public void Of_TwoTones_AreTheLogarithmsOfTheirPower(int frame, int band, double expected)
    {
        float[] samples = [.. Enumerable.Range(0, 4000).Select(static t => (float)((1000 * Math.Sin(2 * Math.PI * 440 * t / 16_000)) + (500 * Math.Sin(2 * Math.PI * 3000 * t / 16_000)) + 37))];
        var fbank = new Fbank(40, 16_000);
        Assert.Equal([23L, 40], fbank.Shape(samples.Length));
        Assert.Equal(expected, fbank.Of(samples)[(40 * frame) + band], 0.02);
    }

    [Fact]
    public void Of_Silence_IsTheLeastPower() => Assert.All(new Fbank(80, 16_000).Of(new float[400]), static v => Assert.Equal(-15.9424, v, 0.001));
}
