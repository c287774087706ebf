using ServerlessLoki.Forecasting;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Tests.Forecasting;

public sealed class ArrivalHistoryTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Window_KeepsWhatIsNotOlderThanAskedFor()
    {
        var history = new ArrivalHistory(Second);
        foreach (var atUs in new long[] { 0, 400_000, 999_999, 1_500_000 })
            history.Add(new Arrival(atUs));

        var window = history.Window(1_600_000);

        Assert.Equal([999_999, 1_500_000], window.Arrivals.Select(a => a.AtUs));
        Assert.Equal(600_000, window.FromUs);
        Assert.Equal(1_600_000, window.NowUs);
        Assert.Equal(Second, window.Length);
    }

    [Fact]
    public void Window_YoungTraffic_BeginsWhenTheHistoryDid()
    {
        var history = new ArrivalHistory(Second, nowUs: 5_000_000);
        history.Add(new Arrival(5_100_000, 3, 7, 0.5));

        var window = history.Window(5_200_000);

        Assert.Equal(5_000_000, window.FromUs);
        Assert.Equal([new Arrival(5_100_000, 3, 7, 0.5)], window.Arrivals);
    }

    [Fact]
    public void Add_ManyThousands_LosesNoneAndKeepsTheirOrder()
    {
        var history = new ArrivalHistory(Second);
        for (var i = 0; i < 30_000; i++)
            history.Add(new Arrival(i * 100L, i % 7));

        var window = history.Window(29_999 * 100L);

        Assert.Equal(10_001, window.Arrivals.Length);
        for (var i = 0; i < window.Arrivals.Length; i++)
            Assert.Equal(new Arrival((19_999 + i) * 100L, (19_999 + i) % 7), window.Arrivals[i]);
    }

    [Fact]
    public void Add_BeforeTheLast_CountsAsComeTogether()
    {
        // Threads of an ingress read the clock before they queue up here.
        var history = new ArrivalHistory(Second);
        history.Add(new Arrival(100));
        history.Add(new Arrival(90));

        var window = history.Window(95);

        Assert.Equal([100, 100], window.Arrivals.Select(a => a.AtUs));
        Assert.Equal(100, window.NowUs);
    }

    [Fact]
    public void Believe_RefusedRetries_KeepsTheBelievedShareEvenlyAndOthersWhole()
    {
        var history = new ArrivalHistory(Second);
        DemandCount[] demand = [new(), new()];
        for (var i = 0; i < 1000; i++)
        {
            history.Add(new Arrival(i * 250L));
            if (i % 100 == 0)
                history.Add(new Arrival(i * 250L, 1));
        }

        // 10 taken, 30 refused believed by them, 8 by the time that passed.
        Assert.Equal(48, demand[0].Take(250_000, 1000, 990));
        demand[1].Take(250_000, 10, 0);
        history.Believe(demand);
        var kept = history.Window(250_000).Arrivals;
        Assert.Equal((48, 10), (kept.Count(a => a.Pipeline == 0), kept.Count(a => a.Pipeline == 1)));
        var times = kept.Where(a => a.Pipeline == 0).Select(a => a.AtUs).ToList();
        Assert.All(times.Zip(times.Skip(1), (a, b) => b - a), gap => Assert.InRange(gap, 20 * 250, 21 * 250));

        // What was thinned out once is left alone, also when half of it is forgotten.
        for (var i = 0; i < 100; i++)
            history.Add(new Arrival(1_125_000 + i));
        demand[0].Take(1_125_100, 1100, 1080);
        demand[1].Take(1_125_100, 10, 0);
        Assert.Equal(10 + 30 + 28, demand[0].Believed);
        history.Believe(demand);
        history.Believe(demand);
        Assert.Equal(24 + 68, history.Window(1_125_100).Arrivals.Count(a => a.Pipeline == 0));
        Assert.Empty(history.Window(9_000_000).Arrivals);
        history.Add(new Arrival(9_000_000));
        demand[0].Take(9_000_000, 1101, 1080);
        demand[1].Take(9_000_000, 10, 0);
        history.Believe(demand);
        Assert.Single(history.Window(9_000_000).Arrivals);
    }

    [Fact]
    public void History_NoSpan_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ArrivalHistory(TimeSpan.Zero));
}
