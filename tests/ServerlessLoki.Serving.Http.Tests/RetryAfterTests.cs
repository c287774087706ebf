namespace ServerlessLoki.Serving.Http.Tests;

public sealed class RetryAfterTests
{
    [Fact]
    public void Seconds_ManyRequests_AreSpreadOverAQuarterMore()
    {
        var seconds = Enumerable.Range(0, 1000).Select(i => RetryAfter.Seconds(TimeSpan.FromSeconds(40), $"request {i}")).ToList();

        Assert.Equal((41, 50, 10), (seconds.Min(), seconds.Max(), seconds.Distinct().Count()));
        Assert.Equal((1, 3600), (RetryAfter.Seconds(TimeSpan.Zero, ""), RetryAfter.Seconds(TimeSpan.FromDays(1), "")));
    }
}
