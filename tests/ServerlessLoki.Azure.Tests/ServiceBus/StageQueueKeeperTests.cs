using Azure.Messaging.ServiceBus;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Azure.Tests.ServiceBus;

public sealed class StageQueueKeeperTests
{
    private static readonly StageKey Other = new("traffic", "car", "car-s");

    [Fact]
    public async Task Ensure_Missing_MakesThemAsOptionsSay()
    {
        await using var bus = await TestNamespace.StartAsync();

        await bus.Keeper.EnsureAsync([TestNamespace.Stage], CancellationToken.None);
        await bus.Keeper.EnsureAsync([TestNamespace.Stage, Other], CancellationToken.None);

        var names = new List<string>();
        await foreach (var queue in bus.Admin.GetQueuesAsync())
            names.Add(queue.Name);
        Assert.Equal(["loki-traffic-car-car-s", "loki-traffic-detect-detect-n", "stage-results"], names);
        var made = (await bus.Admin.GetQueueAsync(TestNamespace.Queue)).Value;
        Assert.Equal((bus.Options.LockDuration, bus.Options.MaxDeliveryCount, true), (made.LockDuration, made.MaxDeliveryCount, made.RequiresDuplicateDetection));
        // The service deletes a queue with its dead letters.
        Assert.Equal(TimeSpan.MaxValue, made.AutoDeleteOnIdle);
    }

    [Fact]
    public async Task Retire_Unwanted_GoesWhenEmptyAndUnusedForAWhile()
    {
        await using var bus = await TestNamespace.StartAsync();
        await bus.Keeper.EnsureAsync([TestNamespace.Stage, Other], CancellationToken.None);
        await bus.Sender.SendAsync(Other, Messages.Message("a"), CancellationToken.None);
        Assert.Empty(await bus.Keeper.RetireAsync([], CancellationToken.None));

        bus.Time.Advance(bus.Options.RetireAfter + TimeSpan.FromSeconds(1));
        Assert.Empty(await bus.Keeper.RetireAsync([TestNamespace.Stage], CancellationToken.None));
        Assert.Equal([TestNamespace.Queue], await bus.Keeper.RetireAsync([], CancellationToken.None));
        Assert.True((await bus.Admin.QueueExistsAsync(StageQueueNames.Of(Other))).Value);
        Assert.True((await bus.Admin.QueueExistsAsync(StageQueueNames.StageResults)).Value);
    }

    [Fact]
    public async Task Retire_SomeoneListens_Stays()
    {
        await using var bus = await TestNamespace.StartAsync();
        await bus.Keeper.EnsureAsync([TestNamespace.Stage], CancellationToken.None);
        bus.Time.Advance(bus.Options.RetireAfter + TimeSpan.FromSeconds(1));
        await using var receiver = bus.Client.CreateReceiver(TestNamespace.Queue);
        var listening = receiver.ReceiveMessageAsync();
        await TestNamespace.Eventually(
            async () => (await bus.Admin.GetQueueRuntimePropertiesAsync(TestNamespace.Queue)).Value.AccessedAt == bus.Time.GetUtcNow(), "someone listens");

        Assert.Empty(await bus.Keeper.RetireAsync([], CancellationToken.None));
        await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message("a"), CancellationToken.None);
        Assert.NotNull(await listening);
    }

    [Fact]
    public async Task Send_QueueRetired_MakesItAgain()
    {
        await using var bus = await TestNamespace.StartAsync();
        await bus.Keeper.EnsureAsync([TestNamespace.Stage], CancellationToken.None);
        await bus.Admin.DeleteQueueAsync(TestNamespace.Queue);

        await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message("a"), CancellationToken.None);

        Assert.NotNull(await bus.Client.CreateReceiver(TestNamespace.Queue).ReceiveMessageAsync());
    }
}
