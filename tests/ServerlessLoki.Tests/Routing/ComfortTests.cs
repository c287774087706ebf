using ServerlessLoki.Routing;

namespace ServerlessLoki.Tests.Routing;

public class ComfortTests
{
    [Theory]
    [InlineData(30, 400, 0, true)]
    [InlineData(30, 400, 170, true)]
    [InlineData(30, 400, 171, false)]
    [InlineData(200, 400, 0, true)]
    [InlineData(200, 400, 1, false)]
    [InlineData(100, 400, 100, true)]
    [InlineData(100, 400, 101, false)]
    [InlineData(201, 400, 0, false)]
    public void Allows_HalfTheTime_QueuesUpToTheShareOrAsLongAsItProcesses(double processingMs, double timeMs, double backlogMs, bool allowed)
    {
        var option = new RouteOption(0, 1, 1, 1, 1, processingMs * 1000, 1, 0, 0, 1);
        Assert.Equal(allowed, Comfort.Allows(option, timeMs * 1000, backlogMs * 1000, 0.5));
    }

    [Theory]
    [InlineData(100, 20, true, false)]
    [InlineData(230, 20, true, true)]
    [InlineData(230, 20, false, false)]
    [InlineData(310, 20, false, true)]
    public void IsStranded_WaitedPastTheShare_IsTrue(double nowMs, double processingMs, bool isRoot, bool stranded) =>
        Assert.Equal(stranded, Comfort.IsStranded(0, 400_000, (long)(nowMs * 1000), processingMs * 1000, isRoot));

    [Fact]
    public void IsStranded_NoDeadline_Never() =>
        Assert.False(Comfort.IsStranded(0, long.MaxValue, long.MaxValue / 2, 1, isRoot: true));
}
