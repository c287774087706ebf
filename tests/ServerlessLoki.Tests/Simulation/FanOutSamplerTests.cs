using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Rules;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Tests.Simulation;

public sealed class FanOutSamplerTests
{
    private const int Draws = 100_000;

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(3, 0, 0)]
    [InlineData(2.27, 0.1971, 0.1971)]
    [InlineData(0.9, 0.5, 0.5)]
    [InlineData(2.27, 1, 1)]
    [InlineData(2.27, 2.27, 2.27)]
    [InlineData(10, 25, 25)]
    [InlineData(10, 110, 110)]
    [InlineData(0.5, 4, 4)]
    [InlineData(2000, 2500, 2500)]
    [InlineData(2.5, 0.1, 0.25)]
    public void Draw_HasMeanAndVariance_AsFarAsWholeNumbersAllow(double mean, double variance, double expected)
    {
        double sum = 0, squares = 0;
        for (var i = 0; i < Draws; i++)
        {
            var count = FanOutSampler.Draw(mean, variance, (i + 0.5) / Draws);
            Assert.True(count >= 0);
            sum += count;
            squares += (double)count * count;
        }

        Assert.Equal(mean, sum / Draws, 0.01 * Math.Max(1, mean));
        Assert.Equal(expected, (squares / Draws) - (sum / Draws * (sum / Draws)), 0.03 * Math.Max(1, expected));
    }

    [Fact]
    public void Draw_VarianceOfAKnownFamily_DrawsAsThatFamilyDoes()
    {
        for (var i = 0; i < 1000; i++)
        {
            var u = HashRandom.Unit(HashRandom.Mix((ulong)i));
            Assert.Equal(FanOutSampler.Draw(FanOutDraw.Geometric, 10, u), FanOutSampler.Draw(10, 110, u));
            Assert.Equal(FanOutSampler.Draw(FanOutDraw.Poisson, 3, u), FanOutSampler.Draw(3, 3, u));
            Assert.Equal(FanOutSampler.Draw(FanOutDraw.Rounded, 2.25, u), FanOutSampler.Draw(2.25, 0, u));
        }
    }
}
