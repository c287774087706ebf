using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Tests.Forecasting;

public sealed class ForecasterTests
{
    private static IDemandForecaster After(IDemandForecaster forecaster, params double[] samples)
    {
        foreach (var sample in samples)
            forecaster.Observe(sample);
        return forecaster;
    }

    [Fact]
    public void Ewma_NoSample_Zero() => Assert.Equal(0, new EwmaForecaster().ForecastQps);

    [Fact]
    public void Ewma_ThreeSamples_BiasCorrectedFormOfTheSpec()
    {
        // α = 1/2.6: weights 1, 0.61538, 0.37870 from the newest.
        const double Keep = 1 - (1 / 2.6);

        Assert.Equal((30 + (20 * Keep) + (10 * Keep * Keep)) / (1 + Keep + (Keep * Keep)), After(new EwmaForecaster(), 10, 20, 30).ForecastQps, 1e-9);
    }

    [Fact]
    public void Ewma_OldSamples_AreForgottenBeyondTheWindow() =>
        Assert.Equal(5, After(new EwmaForecaster(window: 2), 1000, 5, 5).ForecastQps, 1e-9);

    [Fact]
    public void PeakWindow_PeakLeavesTheWindow_LetsGo()
    {
        var peak = new PeakWindowForecaster(3);

        Assert.Equal(9, After(peak, 1, 9, 2).ForecastQps);
        Assert.Equal(2, After(peak, 1, 1).ForecastQps);
    }

    [Fact]
    public void RisingTrend_SteadyRise_IsAheadOfTheLastSample() =>
        Assert.Equal(30 + (1.5 * 10), After(new RisingTrendForecaster(), 10, 20, 30).ForecastQps, 1e-9);

    [Fact]
    public void RisingTrend_Falling_LastSample() =>
        Assert.Equal(10, After(new RisingTrendForecaster(), 30, 20, 10).ForecastQps, 1e-9);

    [Fact]
    public void Max_Default_NeverBelowEwmaOrLastSample()
    {
        var forecaster = After(new MaxForecaster(new EwmaForecaster(), new RisingTrendForecaster()), 100, 100, 100, 10);

        Assert.Equal(After(new EwmaForecaster(), 100, 100, 100, 10).ForecastQps, forecaster.ForecastQps, 1e-9);
        Assert.Equal("max(ewma, rising-trend)", forecaster.Name);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Observe_NotADemand_Throws(double qps) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new EwmaForecaster().Observe(qps));
}
