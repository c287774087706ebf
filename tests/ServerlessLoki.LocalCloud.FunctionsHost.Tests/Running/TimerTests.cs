using ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Running;

public sealed class TimerTests(TestCloud cloud)
{
    [Fact]
    public async Task Timer_WhoseCallsOutlastItsInterval_FiresAgainAndNeverTwiceAtOnce()
    {
        var host = await cloud.HostAsync();
        await host.HasSeenAsync("ticks", 3);
        Assert.Equal(0, await host.SeenAsync("overlaps"));
    }
}
