using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Tests.Forecasting;

public sealed class ForecastersTests
{
    private static IDemandForecaster After(IDemandForecaster forecaster, IEnumerable<double> samples)
    {
        foreach (var sample in samples)
            forecaster.Observe(sample);
        return forecaster;
    }

    [Theory]
    [InlineData("ewma", "ewma")]
    [InlineData("ewma:0.5", "ewma")]
    [InlineData("peak-window:60", "peak-window")]
    [InlineData("rising-trend", "rising-trend")]
    [InlineData("holt-winters:24", "holt-winters")]
    [InlineData("envelope", "envelope")]
    [InlineData(Forecasters.Default, "max(ewma, rising-trend)")]
    public void Create_KnownName_MakesIt(string text, string name) => Assert.Equal(name, ForecasterRegistry.Default.Create(text).Name);

    [Theory]
    [InlineData("ewmaa", "did you mean \"ewma\"?")]
    [InlineData("ewma:fast", "found \"fast\"; allowed: a number of at least 0")]
    [InlineData("peak-window:0", "at least 1")]
    [InlineData("envelope:3", "allowed: no figure")]
    [InlineData("onnx:lstm.onnx", "models cannot be loaded here; allowed: envelope, ewma")]
    [InlineData("", "allowed: envelope, ewma, holt-winters, onnx:FILE")]
    public void Create_UnknownOrBadFigure_SaysWhatIsAllowed(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => ForecasterRegistry.Default.Create(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Notes_EveryName_HasOne() => Assert.Equal(ForecasterRegistry.Default.Names.Length, ForecasterRegistry.Default.Notes.Length);

    [Fact]
    public void HoltWinters_SteadyRise_ReachesTheLineAhead()
    {
        var forecaster = After(new HoltWintersForecaster(horizon: 2), Enumerable.Range(0, 200).Select(i => 50.0 + (3 * i)));

        Assert.Equal(50 + (3 * 201), forecaster.ForecastQps, 0.5);
    }

    [Fact]
    public void HoltWinters_Season_KnowsWhatComesNext()
    {
        static double Demand(int i) => 100 + (50 * Math.Sin(2 * Math.PI * i / 24));
        var seasonal = After(new HoltWintersForecaster(seasonLength: 24, horizon: 1), Enumerable.Range(0, 240).Select(Demand));
        var plain = After(new HoltWintersForecaster(horizon: 1), Enumerable.Range(0, 240).Select(Demand));

        Assert.InRange(Math.Abs(seasonal.ForecastQps - Demand(240)), 0, 2);
        Assert.True(Math.Abs(plain.ForecastQps - Demand(240)) > 2 * Math.Abs(seasonal.ForecastQps - Demand(240)));
    }

    [Fact]
    public void HoltWinters_FallToNothing_NeverNegative() =>
        Assert.Equal(0, After(new HoltWintersForecaster(), [100, 80, 50, 20, 0, 0]).ForecastQps);

    [Fact]
    public void Envelope_Steady_LargestFiveSampleMean() =>
        Assert.Equal(12, After(new EnvelopeForecaster(), Enumerable.Repeat(10.0, 60).Concat([12, 12, 12, 12, 12]).Concat(Enumerable.Repeat(9.0, 10))).ForecastQps, 1e-9);

    [Fact]
    public void Envelope_SampleAboveAllBefore_FollowsAtOnceThenLetsGo()
    {
        var forecaster = After(new EnvelopeForecaster(), Enumerable.Repeat(10.0, 60).Append(30));
        Assert.Equal(30, forecaster.ForecastQps);

        // The half minute's largest 5-sample mean once the sample is over, nothing of it thereafter.
        Assert.InRange(After(forecaster, Enumerable.Repeat(10.0, 10)).ForecastQps, 10.1, 14);
        Assert.Equal(10, After(forecaster, Enumerable.Repeat(10.0, 60)).ForecastQps, 1e-9);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void Observe_NotADemand_Throws(double qps) => Assert.All(
        ForecasterRegistry.Default.Names.Where(n => !n.StartsWith("onnx", StringComparison.Ordinal)),
        name => Assert.Throws<ArgumentOutOfRangeException>(() => ForecasterRegistry.Default.Create(name).Observe(qps)));
}
