using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Forecasting;

/// <summary>InferLine's traffic envelope and envelope of the example chain.</summary>
public sealed class TrafficEnvelopeTests
{
    private static readonly ImmutableArray<long> Windows = [10_000, 20_000, 40_000, 80_000, 160_000, 320_000];
    private static readonly long[] Uneven = [0, 10_000, 20_000, 30_000, 100_000, 110_000, 120_000, 130_000, 300_000, 700_000];

    [Theory]
    [InlineData("steady", new[] { 2, 3, 5, 9, 17, 33 }, new[] { 200.0, 150, 125, 112.5, 106.25, 103.125 })]
    [InlineData("burst4", new[] { 4, 4, 8, 12, 20, 36 }, new[] { 400.0, 200, 200, 150, 125, 112.5 })]
    [InlineData("burst8", new[] { 8, 8, 8, 16, 24, 40 }, new[] { 800.0, 400, 200, 200, 150, 125 })]
    public void Of_ToyTraces_AsInTheTable(string trace, int[] counts, double[] rates)
    {
        var envelope = TrafficEnvelope.Of(InferLineInstance.Sample(trace).AtUs.AsSpan(), Windows);

        Assert.Equal(counts, envelope.Counts);
        Assert.Equal(rates, Enumerable.Range(0, Windows.Length).Select(envelope.RateQps));
    }

    [Fact]
    public void Of_UnevenArrivals_AsInTheTable() =>
        Assert.Equal([2, 3, 4, 4, 8, 9, 9], TrafficEnvelope.Of(Uneven, [.. Windows, 640_000]).Counts);

    [Fact]
    public void Ladder_OfThePaper_TwelveWindowsTheLastClipped() => Assert.Equal(
        [35, 70, 140, 280, 560, 1120, 2240, 4480, 8960, 17920, 35840, 60000], TrafficEnvelope.Ladder(35_000).Select(w => w / 1000));
}
