using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Tests.Forecasting;

public sealed class ForecasterRegistryTests
{
    private static readonly ForecasterEntry Own = new("own", "a constant", x => new Constant(x ?? 7)) { Figure = "queries per second, default 7", Least = 1 };

    [Theory]
    [InlineData("own", 7)]
    [InlineData("own:12", 12)]
    [InlineData("own:12+peak-window", 100)]
    public void With_OwnForecaster_IsNamedAndJoinedLikeABuiltInOne(string text, double expected)
    {
        var forecaster = ForecasterRegistry.Default.With(Own).Create(text);
        forecaster.Observe(100);

        Assert.Equal(expected, forecaster.ForecastQps);
    }

    [Theory]
    [InlineData("own:0", "a number of at least 1 (queries per second, default 7)")]
    [InlineData("ow", "did you mean \"own\"?")]
    public void FaultOf_OwnForecaster_SaysWhatIsAllowed(string text, string message) =>
        Assert.Contains(message, ForecasterRegistry.Default.With(Own).FaultOf(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("ewma", "Two forecasters are named \"ewma\"")]
    [InlineData("a+b", "allowed: a name without +, : and blanks")]
    [InlineData("a:1", "allowed: a name without +, : and blanks")]
    [InlineData("onnx", "not onnx")]
    [InlineData("", "allowed: a name without +, : and blanks")]
    public void With_NameTakenOrNotReadable_IsRefused(string name, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => ForecasterRegistry.Default.With(Own with { Name = name })).Message, StringComparison.Ordinal);

    private sealed class Constant(double qps) : IDemandForecaster
    {
        public string Name => "own";

        public double ForecastQps => qps;

        public void Observe(double qps)
        {
        }
    }
}
