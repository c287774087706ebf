using ServerlessLoki.Forecasting;
using ServerlessLoki.Samples.OwnApp;

namespace ServerlessLoki.Samples.Tests.OwnApp;

public sealed class SurgeForecasterTests
{
    [Fact]
    public void Forecast_IsTheMultipleOfTheLargestOfTheLastTen()
    {
        var forecaster = ForecasterRegistry.Default.With(SurgeForecaster.Entry).Create("surge:2");
        Assert.Equal(0, forecaster.ForecastQps);

        forecaster.Observe(30);
        for (var i = 0; i < 9; i++)
            forecaster.Observe(i);
        Assert.Equal(60, forecaster.ForecastQps);
        forecaster.Observe(9);
        Assert.Equal(18, forecaster.ForecastQps);
    }
}
