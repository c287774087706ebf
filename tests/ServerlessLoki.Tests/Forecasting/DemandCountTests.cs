using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Tests.Forecasting;

public sealed class DemandCountTests
{
    [Theory]
    [InlineData(100, 0, 100)]
    [InlineData(100, 60, 100)]
    [InlineData(100, 75, 100)]
    [InlineData(1000, 990, 10 + 30 + 8)]
    [InlineData(50_000, 50_000, 8)]
    [InlineData(5, 5, 5)]
    public void Take_RefusedQueries_CountUpToThreeTimesThoseTaken(long arrivals, long refused, long demand)
    {
        var count = new DemandCount();
        Assert.Equal(demand, count.Take(250_000, arrivals, refused));
        Assert.Equal((arrivals, demand), (count.Came, count.Believed));
    }

    [Fact]
    public void Take_Again_CountsWhatCameSince()
    {
        var count = new DemandCount();
        count.Take(250_000, 1000, 990);

        Assert.Equal(48 + 20, count.Take(500_000, 1020, 1000));
        Assert.Equal(48 + 20, count.Take(750_000, 1020, 1000));
        Assert.Equal((48 + 20, 0, 0), (count.Total, count.Came, count.Believed));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(10)]
    [InlineData(100)]
    public void Take_OftenOrSeldom_GivesTheSameDemand(int callsPerSecond)
    {
        var (count, refused, nowUs) = (new DemandCount(), 0L, 0L);
        for (var call = 0; call < 2 * callsPerSecond; call++)
        {
            (refused, nowUs) = (refused + (5000 / callsPerSecond), nowUs + (1_000_000 / callsPerSecond));
            count.Take(nowUs, refused, refused);
        }

        Assert.Equal(2 * DemandCount.AlwaysBelievedQps, count.Total);
    }
}
