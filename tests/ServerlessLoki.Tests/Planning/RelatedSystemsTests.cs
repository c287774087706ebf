using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Bounds;
using ServerlessLoki.Planning.Colocation;
using ServerlessLoki.Planning.Concurrency;
using ServerlessLoki.Planning.Vertical;

namespace ServerlessLoki.Tests.Planning;

/// <summary>Acceptance numbers of related.md for the features of planning.</summary>
public sealed class RelatedSystemsTests
{
    private static readonly ExitLadder Delen = new(
        [new(10_000, 0.4354, 45.99), new(13_000, 0.6803, 99.31), new(18_000, 0.7675, 176.75), new(12_000, 0.7657, 243.55)]);

    [Fact]
    public void Colocation_TwoExclusiveModels_RatesAndSavingsOfTheSpec()
    {
        var plan = ColocationPlan.Create([new("a", 10_000), new("b", 20_000)], [0.5, 0.5], 0, 1);

        Assert.Equal([50, 25], plan.Qps);
        Assert.Equal(0, plan.Saving(wholeDevices: false), 1e-12);
        Assert.Equal(0.5, plan.Saving(wholeDevices: true), 1e-12);
        Assert.Equal([0.5, 0.5], plan.Interference);
        Assert.Equal(1e6 / (3600 * 75), plan.PricePerMillion, 1e-9);
    }

    [Fact]
    public void Colocation_DeviceIdleHalfTheTime_SavesAlsoInProportion()
    {
        var plan = ColocationPlan.Create([new("a", 10_000, Occupancy: 0.5), new("b", 20_000, Occupancy: 0.5)], [0.5, 0.5], 0, 1);

        Assert.Equal([100, 50], plan.Qps);
        Assert.Equal(0.5, plan.Saving(wholeDevices: false), 1e-12);
    }

    [Fact]
    public void Colocation_MoreMemoryThanThereIs_RefusedWithTheReason() => Assert.Contains(
        "a 3, b 2: 5 bytes; allowed: at most 4 bytes",
        Assert.Throws<PlanningRefusedException>(() => ColocationPlan.Create([new("a", 1, MemoryBytes: 3), new("b", 1, MemoryBytes: 2)], [0.5, 0.5], 4, 1)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void ConcurrencyCurve_OfTheSpec_BestAtThirty()
    {
        var curve = new ConcurrencyCurve(10, 1, 0.01);

        Assert.Equal(30, curve.Best, 1e-9);
        Assert.Equal([0.6288, 0.6289, 0.6288], new[] { 29.0, 30, 31 }.Select(n => Math.Round(curve.Throughput(n), 4)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ConcurrencyScatter_WanderingLoad_LowEndOfTheStableZone(int seed)
    {
        var random = new Random(seed);
        Assert.Null(new ConcurrencyScatter().Estimate());
        AssertLow(new ConcurrencyCurve(10, 1, 0.01), 3000, random);
        // Twice the cores: known again within two minutes.
        AssertLow(new ConcurrencyCurve(5, 0.5, 0.01), 1200, random);
    }

    [Theory]
    [InlineData(25, 1)]
    [InlineData(45, 2)]
    [InlineData(1000, 2)]
    [InlineData(5, null)]
    public void ExitLadder_LatencyBound_ExitOfTheSpec(double boundMs, int? exit) => Assert.Equal(exit, Delen.WithinLatency(boundMs * 1000));

    [Fact]
    public void ExitLadder_OtherBounds_ExitsOfTheSpec()
    {
        Assert.Equal(1, Delen.WithinEnergy(100));
        Assert.Equal(2, Delen.AtLeastAccuracy(0.70));
        Assert.Null(Delen.AtLeastAccuracy(0.9));
        Assert.Equal([0, 1, 2], Delen.Useful);
        Assert.Equal(2, Delen.WithinLatency(20_000, passed: 2));
    }

    [Theory]
    [InlineData(1000, 2, 1)]
    [InlineData(800, 2, 1)]
    [InlineData(600, 3, 1)]
    [InlineData(400, 6, 1)]
    public void VerticalScaling_TwentyWaiting_SizesOfTheSpec(double remainingMs, int cores, int batch) =>
        Assert.Equal((cores, batch), VerticalScaling.Size(new CoreLatency(39.9, 7.78, 1.83, 0.45), 20, 1000, remainingMs));

    [Fact]
    public void VerticalScaling_TooLate_Null() => Assert.Null(VerticalScaling.Size(new CoreLatency(39.9, 7.78, 1.83, 0.45), 20, 1000, 50));

    [Fact]
    public void BatchFillWait_FourAtOneHundredFifty_AsInTheSpecRoundedUp()
    {
        Assert.Equal(93, Math.Ceiling(BatchFillWait.BoundMs(4, 150)));
        Assert.Equal(57, Math.Ceiling(BatchFillWait.ExactMs(4, 150)));
        Assert.Equal(0, BatchFillWait.ExactMs(1, 150));
    }

    private static void AssertLow(ConcurrencyCurve curve, int samples, Random random)
    {
        var scatter = new ConcurrencyScatter();
        var load = 40;
        for (var i = 0; i < samples; i++)
        {
            load = Math.Clamp(load + random.Next(-8, 9), 1, 80);
            // Now and then there is want of work further down.
            var share = random.NextDouble() < 0.2 ? random.NextDouble() : 1;
            scatter.Observe(load, curve.Throughput(load) * share * (0.98 + (0.04 * random.NextDouble())));
        }

        var range = scatter.Estimate()!;
        Assert.True(curve.Throughput(range.Low) >= 0.95 * curve.Throughput(curve.Best) * 0.99, $"{range}");
        Assert.InRange(range.Low, 2, curve.Best);
        Assert.InRange(range.High, curve.Best, 80);
    }
}
