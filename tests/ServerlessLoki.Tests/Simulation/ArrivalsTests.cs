using ServerlessLoki.Forecasting;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Tests.Simulation;

public sealed class ArrivalsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    [InlineData(1)]
    [InlineData(4)]
    public void Gamma_Gaps_HaveTheRateAndTheSquaredCv(double squaredCv)
    {
        var times = Times(Arrivals.Gamma(1000, squaredCv, TimeSpan.FromSeconds(200)));
        var gaps = times.Zip(times.Skip(1), (a, b) => (double)(b - a)).ToArray();
        var mean = gaps.Average();

        Assert.Equal(1000, mean, 20.0);
        Assert.Equal(squaredCv, gaps.Average(g => (g - mean) * (g - mean)) / (mean * mean), 0.05 * Math.Max(1, squaredCv));
    }

    [Fact]
    public void Replay_Rates_AreMetStepByStep()
    {
        var times = Times(Arrivals.Replay([100, 0, 5000, 1000], TimeSpan.FromSeconds(10)));

        int In(int step) => times.Count(t => t / 10_000_000 == step);
        Assert.InRange(In(0), 850, 1150);
        Assert.Equal(0, In(1));
        Assert.InRange(In(2), 49_000, 51_000);
        Assert.InRange(In(3), 9_500, 10_500);
    }

    [Fact]
    public void Diurnal_Day_SwingsFromLowToHigh()
    {
        var times = Times(Arrivals.Diurnal(10, 1000, TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(100), squaredCv: 0));

        Assert.InRange(times.Count(t => t < 2_000_000), 15, 30);
        Assert.InRange(times.Count(t => t is >= 49_000_000 and < 51_000_000), 1980, 2005);
        Assert.InRange(times.Count, 50_000, 51_000);
    }

    [Fact]
    public void MarkovModulated_Rate_IsTheStatesMean()
    {
        var times = Times(Arrivals.MarkovModulated([(100, TimeSpan.FromSeconds(1)), (900, TimeSpan.FromSeconds(1))], TimeSpan.FromSeconds(2000)));
        var perSecond = Enumerable.Range(0, 2000).GroupJoin(times, s => s, t => (int)(t / 1_000_000), (_, g) => (double)g.Count()).ToArray();
        var mean = perSecond.Average();

        Assert.Equal(500, mean, 40.0);
        // Far more than Poisson's: the state's rate varies too.
        Assert.True(perSecond.Average(c => (c - mean) * (c - mean)) > 20 * mean);
    }

    [Fact]
    public void Merge_Streams_ComeInOrderAndKeepTheirOwnDraws()
    {
        var parts = new[] { Arrivals.Poisson(50, TimeSpan.FromSeconds(10), 0), Arrivals.Step([(100, TimeSpan.FromSeconds(5)), (10, TimeSpan.FromSeconds(5))], pipeline: 1) };
        var both = All(Arrivals.Merge(parts));
        var alone = All(Arrivals.Merge(parts[0]));

        Assert.Equal(both.OrderBy(a => a.AtUs).Select(a => a.AtUs), both.Select(a => a.AtUs));
        Assert.Equal(alone, both.Where(a => a.Pipeline == 0));
        Assert.Contains(both, a => a.Pipeline == 1);
    }

    [Fact]
    public void Open_SameSeed_SameArrivals()
    {
        var arrivals = Arrivals.Gamma(100, 2, TimeSpan.FromSeconds(10));

        Assert.Equal(Times(arrivals, 7), Times(arrivals, 7));
        Assert.NotEqual(Times(arrivals, 7), Times(arrivals, 8));
    }

    [Fact]
    public void Recorded_TimeFalls_Throws() => Assert.Throws<ArgumentException>(() => Arrivals.Recorded([5, 4]));

    private static List<long> Times(IArrivals arrivals, ulong seed = 1) => [.. All(arrivals, seed).Select(a => a.AtUs)];

    private static List<Arrival> All(IArrivals arrivals, ulong seed = 1)
    {
        var stream = arrivals.Open(seed);
        var all = new List<Arrival>();
        while (stream.TryNext(out var arrival))
            all.Add(arrival);
        return all;
    }
}
