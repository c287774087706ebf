using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Azure.Tests.ServiceBus;

public sealed class StageQueuesTests
{
    [Fact]
    public async Task Send_Items_ArriveWholeAndEarliestDeadlineFirst()
    {
        await using var bus = await TestNamespace.StartAsync();
        var queues = bus.Worker();
        var signals = 0;
        await using var receiver = queues.OpenReceiver(TestNamespace.Stage, () => Interlocked.Increment(ref signals));
        await SendAsync(queues, "late", 9);
        await SendAsync(queues, "soon", 5);

        await Arrived(receiver, 2);
        Assert.Equal((Messages.Arrival + TimeSpan.FromMinutes(5)).ToUnixTimeMilliseconds() * 1000, receiver.HeadOrderUs);
        var items = Take(receiver);

        Assert.Equal(["soon", "late"], items.Select(static i => FakeItems.MessageOf(i).QueryId));
        Assert.Equal(Messages.Message("soon", TimeSpan.FromMinutes(5)), FakeItems.MessageOf(items[0]));
        Assert.Equal((0, long.MaxValue), (receiver.Count, receiver.HeadOrderUs));
        await TestNamespace.Eventually(() => Volatile.Read(ref signals) > 0, "somebody was told that items arrived");
    }

    [Fact]
    public async Task Complete_Item_IsGoneForGood()
    {
        await using var bus = await TestNamespace.StartAsync();
        var queues = bus.Worker();
        await using var receiver = queues.OpenReceiver(TestNamespace.Stage, static () => { });
        await SendAsync(queues, "a", 5);
        await Arrived(receiver, 1);
        var item = Assert.Single(Take(receiver));
        Assert.Equal(1, (await bus.CountsAsync()).ActiveMessageCount);

        await receiver.CompleteAsync(item, CancellationToken.None);

        Assert.Equal(0, (await bus.CountsAsync()).TotalMessageCount);
    }

    [Fact]
    public async Task Abandon_Item_ComesAgainWithOneAttemptMore()
    {
        await using var bus = await TestNamespace.StartAsync();
        var queues = bus.Worker();
        await using var receiver = queues.OpenReceiver(TestNamespace.Stage, static () => { });
        await SendAsync(queues, "a", 5);
        await Arrived(receiver, 1);

        await receiver.AbandonAsync(Take(receiver)[0], CancellationToken.None);

        await Arrived(receiver, 1);
        Assert.Equal(1, Assert.Single(Take(receiver)).Attempts);
    }

    [Fact]
    public async Task Window_LargerQueue_HoldsOneBatchAndLeavesTheRestToOthers()
    {
        await using var bus = await TestNamespace.StartAsync(new ServiceBusOptions { FirstWindow = 3 });
        var (first, second) = (bus.Worker("first"), bus.Worker("second"));
        for (var i = 0; i < 8; i++)
            await SendAsync(first, $"{i}", 5);
        await using var one = first.OpenReceiver(TestNamespace.Stage, static () => { });
        await Arrived(one, 3);
        await using var other = second.OpenReceiver(TestNamespace.Stage, static () => { });
        other.Expect(4);
        await Arrived(other, 4);

        Assert.Equal(3, one.Count);
        Take(other, 2);
        await Arrived(other, 3);
        Assert.Equal((3, 3), (one.Count, other.Count));
    }

    [Fact]
    public async Task Dispose_ItemsInWindowAndInBatch_GivesBackTheFirstAndLetsTheOthersBeSettled()
    {
        await using var bus = await TestNamespace.StartAsync();
        var queues = bus.Worker();
        var receiver = queues.OpenReceiver(TestNamespace.Stage, static () => { });
        await SendAsync(queues, "a", 4);
        await SendAsync(queues, "b", 5);
        await Arrived(receiver, 2);
        var taken = Assert.Single(Take(receiver, 1));

        await receiver.DisposeAsync();
        await using var next = bus.Worker("next").OpenReceiver(TestNamespace.Stage, static () => { });
        await Arrived(next, 1);
        await receiver.CompleteAsync(taken, CancellationToken.None);

        Assert.Equal("b", FakeItems.MessageOf(Assert.Single(Take(next))).QueryId);
        Assert.Equal(1, (await bus.CountsAsync()).ActiveMessageCount);
    }

    [Fact]
    public async Task Stop_BatchInHand_IsGivenBackAtOnce()
    {
        await using var bus = await TestNamespace.StartAsync();
        var stopping = bus.Worker("stopping");
        var receiver = stopping.OpenReceiver(TestNamespace.Stage, static () => { });
        await SendAsync(stopping, "a", 5);
        await Arrived(receiver, 1);
        Take(receiver);

        await stopping.DisposeAsync();

        await using var next = bus.Worker("next").OpenReceiver(TestNamespace.Stage, static () => { });
        await Arrived(next, 1);
        Assert.Equal(1, Take(next)[0].Attempts);
    }

    [Fact]
    public async Task Locks_BatchRunsLong_AreKeptUp()
    {
        await using var bus = await TestNamespace.StartAsync();
        var queues = bus.Worker();
        await using var receiver = queues.OpenReceiver(TestNamespace.Stage, static () => { });
        await SendAsync(queues, "a", null);
        await SendAsync(queues, "b", null);
        await Arrived(receiver, 2);
        var item = Take(receiver, 1)[0];
        var end = bus.Time.GetUtcNow() + (bus.Options.LockDuration * 4);

        await bus.Passing(bus.Options.LockDuration / 10, () => Task.FromResult(bus.Time.GetUtcNow() >= end), "time passed");

        await receiver.CompleteAsync(item, CancellationToken.None);
        Assert.Equal(1, (await bus.CountsAsync()).ActiveMessageCount);
        Assert.Equal(0, Assert.Single(Take(receiver)).Attempts);
    }

    [Fact]
    public async Task Worker_Dies_ItsMessagesComeToAnotherWhenTheLocksExpire()
    {
        await using var bus = await TestNamespace.StartAsync();
        await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message("a"), CancellationToken.None);
        // A process that is killed neither renews nor gives back.
        Assert.NotNull(await bus.Client.CreateReceiver(TestNamespace.Queue).ReceiveMessageAsync());

        await using var receiver = bus.Worker().OpenReceiver(TestNamespace.Stage, static () => { });
        await bus.Passing(bus.Options.LockDuration / 4, () => Task.FromResult(receiver.Count == 1), "the message came again");

        Assert.Equal(1, Take(receiver)[0].Attempts);
    }

    [Fact]
    public async Task Send_SameWorkTwice_IsServedOnce()
    {
        await using var bus = await TestNamespace.StartAsync();
        await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message("a"), CancellationToken.None);
        await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message("a"), CancellationToken.None);
        await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message("b"), CancellationToken.None);

        Assert.Equal(2, (await bus.CountsAsync()).ActiveMessageCount);
    }

    [Fact]
    public async Task TimeToLive_ExpressAndDurable_OnlyTheFirstExpires()
    {
        await using var bus = await TestNamespace.StartAsync();
        await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message("express", TimeSpan.FromSeconds(5)), CancellationToken.None);
        await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message("late", TimeSpan.FromSeconds(-5)), CancellationToken.None);
        await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message("durable"), CancellationToken.None);
        Assert.Equal(3, (await bus.CountsAsync()).ActiveMessageCount);

        bus.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, (await bus.CountsAsync()).ActiveMessageCount);
        bus.Time.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(1, (await bus.CountsAsync()).TotalMessageCount);
    }

    private static ValueTask SendAsync(ServiceBusStageQueues queues, string query, double? dueMinutes) => queues.SendAsync(
        TestNamespace.Stage, FakeItems.Item(Messages.Message(query, dueMinutes is { } m ? TimeSpan.FromMinutes(m) : null)), CancellationToken.None);

    private static Task Arrived(IStageReceiver receiver, int count) =>
        TestNamespace.Eventually(() => receiver.Count == count, $"{count} items are at hand");

    private static List<StageItem> Take(IStageReceiver receiver, int max = int.MaxValue)
    {
        var items = new List<StageItem>();
        receiver.Take(max, items);
        return items;
    }
}
