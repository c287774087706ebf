using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Tests.Forecasting;

public sealed class LoadTimeEstimateTests
{
    [Fact]
    public void Current_NothingLoaded_IsZero() => Assert.Equal(TimeSpan.Zero, new LoadTimeEstimate().Current);

    [Fact]
    public void Current_OneLoad_IsItsTime() => Assert.Equal(Ms(40), After(40));

    [Fact]
    public void Current_VariantsDiffer_IsASlowOnes() => Assert.Equal(Ms(90), After(10, 20, 90, 10, 20, 90));

    [Fact]
    public void Current_OneLoadMetAStall_IsWhatTheOthersTake() =>
        Assert.Equal(Ms(20), After([10, 20, 3000, .. Enumerable.Repeat(20.0, 8)]));

    [Fact]
    public void Current_LoadsBecameQuick_ForgetsTheSlowOnes() =>
        Assert.Equal(Ms(5), After([.. Enumerable.Repeat(800.0, 40), .. Enumerable.Repeat(5.0, 32)]));

    [Fact]
    public void Observe_BelowZero_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => After(-1));

    private static TimeSpan After(params double[] loadMs)
    {
        var estimate = new LoadTimeEstimate();
        foreach (var ms in loadMs)
            estimate.Observe(Ms(ms));
        return estimate.Current;
    }

    private static TimeSpan Ms(double ms) => TimeSpan.FromMilliseconds(ms);
}
