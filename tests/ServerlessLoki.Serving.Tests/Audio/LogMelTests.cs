using ServerlessLoki.Serving.Audio;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Audio;

public sealed class LogMelTests
{
    // Worked out apart in double precision by the definition: Hann window of 400, step 160, mirrored edges, squared magnitudes, triangles of equal area
    // between the points of the Slaney scale, log10, at most 8 below the largest, (x + 4) ÷ 4; of 0.1 s of 0.5 sin(2π 440 t) at 16 kHz.
    [Theory]
    [InlineData(80, new[] { 0, 0, 11, 5, 12, 5, 17, 5, 40, 9, 79, 3 }, new[] { 0.98328, 1.4382, 1.29352, -0.5618, -0.08454, -0.5618 }, -0.28034)]
    [InlineData(128, new[] { 0, 0, 11, 5, 12, 5, 17, 5, 40, 9, 127, 3 }, new[] { 0.90752, -0.51465, -0.51465, 1.33749, 0.24037, -0.51465 }, -0.26376)]
    public void Of_ATone_IsWhatTheDefinitionGives(int bands, int[] places, double[] expected, double mean)
    {
        var values = new LogMel(bands, 16_000).Of([.. TinyWav.Sine(440, 16_000, 1600).Select(static s => (float)s)]);
        Assert.Equal(bands * 10, values.Length);
        Assert.Equal(expected, Enumerable.Range(0, expected.Length).Select(i => (double)values[(places[2 * i] * 10) + places[(2 * i) + 1]]), (a, b) => Math.Abs(a - b) < 2e-3);
        Assert.Equal(mean, values.Average(), 0.002);
    }

    [Fact]
    public void Of_Silence_IsEvenAndANumber() => Assert.All(new LogMel(80, 16_000).Of(new float[400]), static v => Assert.Equal(-1.5f, v, 5));
}
