using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using static ServerlessLoki.Nats.Tests.Messaging.QueuesUnderTest;

namespace ServerlessLoki.Nats.Tests.Messaging;

public sealed class StageQueueKeeperTests(NatsFixture nats)
{
    private static readonly StageKey Other = new("traffic", "classify/cars", "resnet-18");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Retire_QueuesThatNobodyWaitsFor_LeavesWhatIsWantedOrFull()
    {
        await using var it = new QueuesUnderTest(await nats.UrlAsync(), TimeProvider.System);
        await it.Keeper.EnsureAsync([Messages.Stage, Other], Token);
        await it.Keeper.EnsureAsync([Messages.Stage, Other], Token);
        Assert.Equal(2, (await it.Keeper.RetireAsync([Messages.Stage], Token)).Count);
        Assert.Empty(await it.Keeper.RetireAsync([Messages.Stage], Token));

        await it.Sender.SendAsync(Messages.Stage, Messages.Message("run"), Token);
        // Of its two queues, one is empty.
        await Eventually(async () => (await it.Keeper.RetireAsync([], Token)).Count == 1, "the empty one was retired");
        Assert.Equal(1, await it.CountAsync("durable"));
    }

    [Fact]
    public async Task Retire_QueueWithAReceiver_Stays()
    {
        await using var it = new QueuesUnderTest(await nats.UrlAsync(), TimeProvider.System);
        await using var receiver = it.Worker().OpenReceiver(Messages.Stage, static () => { });
        await it.Sender.SendAsync(Messages.Stage, Messages.Message("run"), Token);
        await Arrived(receiver, 1);
        Assert.Empty(await it.Keeper.RetireAsync([], Token));
    }
}
