using ServerlessLoki.Forecasting;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Tests.Forecasting;

public sealed class SlowdownEstimateTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.1, 1)]
    [InlineData(0.4, 1)]
    [InlineData(0.4, 3)]
    public void Spread_LognormalBatches_TheirSigmaWhateverTheSlowdown(double sigma, double slowdown)
    {
        var estimate = new SlowdownEstimate();
        var random = new StreamRandom(7);
        for (var i = 0; i < 4000; i++)
        {
            var expectedUs = 1000 + (1000 * (i % 5));
            estimate.Observe(BatchTimes.Of(expectedUs * slowdown * Math.Exp(sigma * random.NextNormal()), expectedUs));
        }

        estimate.Fold();

        Assert.Equal(sigma, estimate.Spread!.Value, 0.02);
    }

    [Fact]
    public void Spread_FewBatches_NotKnownUntilFurtherPeriodsBringMore()
    {
        var estimate = new SlowdownEstimate();
        for (var period = 0; period < 3; period++)
        {
            Assert.Null(estimate.Spread);
            for (var i = 0; i < 10; i++)
                estimate.Observe(BatchTimes.Of(i % 2 == 0 ? 1000 : 1000 * Math.E, 1000));
            estimate.Fold();
        }

        Assert.Equal(0.5, estimate.Spread!.Value, 1e-9);
    }

    [Fact]
    public void Spread_BatchesAddedUpElsewhere_TheSameAsOneByOne()
    {
        var (each, together) = (new SlowdownEstimate(), new SlowdownEstimate());
        var sum = default(BatchTimes);
        for (var i = 1; i <= 100; i++)
        {
            var times = BatchTimes.Of(10 * i, 500);
            each.Observe(times);
            sum = sum.Add(times);
        }

        together.Observe(sum);
        each.Fold();
        together.Fold();

        Assert.Equal(each.Spread!.Value, together.Spread!.Value, 1e-9);
        Assert.Equal(each.Factor, together.Factor, 1e-9);
    }

    [Fact]
    public void Spread_OnlySumsAreKnown_IsNotMeasured()
    {
        var estimate = new SlowdownEstimate();
        estimate.Observe(1e6, 5e5);
        estimate.Fold();

        Assert.Null(estimate.Spread);
        Assert.Equal(1.3, estimate.Factor, 9);
    }
}
