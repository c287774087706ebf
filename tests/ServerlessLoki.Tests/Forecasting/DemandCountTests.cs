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
    public void Take_RefusedQueries_CountUpToThreeTimesThoseTaken(long arrivals, long refused, long demand) =>
        Assert.Equal(demand, new DemandCount().Take(arrivals, refused));

    [Fact]
    public void Take_Again_CountsWhatCameSince()
    {
        var count = new DemandCount();
        count.Take(1000, 990);

        Assert.Equal(48 + 20, count.Take(1020, 1000));
        Assert.Equal(48 + 20, count.Take(1020, 1000));
        Assert.Equal(48 + 20, count.Total);
    }
}
