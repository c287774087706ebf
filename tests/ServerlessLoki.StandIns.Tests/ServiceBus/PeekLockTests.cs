using Azure.Messaging.ServiceBus;

namespace ServerlessLoki.StandIns.Tests.ServiceBus;

public sealed class PeekLockTests
{
    private static readonly TimeSpan LockDuration = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Receive_Locked_NobodyElseSeesItUntilItIsCompleted()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");

        var message = Assert.Single(await bus.TakeAsync());

        Assert.Equal("a", message.Body.ToString());
        Assert.Equal(1, message.DeliveryCount);
        Assert.Empty(await bus.TakeAsync());
        Assert.Equal(1, (await bus.CountsAsync()).ActiveMessageCount);
        await bus.Receiver.CompleteMessageAsync(message);
        Assert.Equal(0, (await bus.CountsAsync()).TotalMessageCount);
    }

    [Fact]
    public async Task Receive_SeveralSent_ComesInOrderUpToTheMaximum()
    {
        await using var bus = await TestBus.WithQueueAsync();
        foreach (var body in new[] { "a", "b", "c" })
            await bus.SendAsync(body);

        var first = await bus.TakeAsync(max: 2);
        var second = await bus.TakeAsync(max: 2);

        Assert.Equal(["a", "b"], first.Select(static m => m.Body.ToString()));
        Assert.Equal(["c"], second.Select(static m => m.Body.ToString()));
    }

    [Fact]
    public async Task LockExpiry_NotSettled_ComesAgainAndTheOldLockIsLost()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        var first = Assert.Single(await bus.TakeAsync());

        bus.Time.Advance(LockDuration);
        var second = Assert.Single(await bus.TakeAsync());

        Assert.Equal(2, second.DeliveryCount);
        Assert.NotEqual(first.LockToken, second.LockToken);
        var lost = await Assert.ThrowsAsync<ServiceBusException>(() => bus.Receiver.CompleteMessageAsync(first));
        Assert.Equal(ServiceBusFailureReason.MessageLockLost, lost.Reason);
        await bus.Receiver.CompleteMessageAsync(second);
    }

    [Fact]
    public async Task LockExpiry_SomeoneWaits_IsHandedOverAtOnce()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        await bus.TakeAsync();
        var waiting = bus.Receiver.ReceiveMessageAsync(TimeSpan.FromMinutes(1));

        bus.Time.Advance(LockDuration - TimeSpan.FromMilliseconds(2));
        Assert.False(waiting.IsCompleted);
        bus.Time.Advance(TimeSpan.FromMilliseconds(2));

        Assert.Equal(2, (await waiting).DeliveryCount);
    }

    [Fact]
    public async Task Renew_BeforeExpiry_KeepsTheLock()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        var message = Assert.Single(await bus.TakeAsync());
        var until = message.LockedUntil;

        bus.Time.Advance(LockDuration / 2);
        await bus.Receiver.RenewMessageLockAsync(message);
        bus.Time.Advance(LockDuration * 0.9);

        Assert.True(message.LockedUntil > until);
        await bus.Receiver.CompleteMessageAsync(message);
    }

    [Fact]
    public async Task Renew_AfterExpiry_IsLost()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        var message = Assert.Single(await bus.TakeAsync());
        bus.Time.Advance(LockDuration);

        var lost = await Assert.ThrowsAsync<ServiceBusException>(() => bus.Receiver.RenewMessageLockAsync(message));

        Assert.Equal(ServiceBusFailureReason.MessageLockLost, lost.Reason);
        Assert.False(lost.IsTransient);
    }

    [Fact]
    public async Task Abandon_Message_ComesAgainInItsOldPlaceWithChangedProperties()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        await bus.SendAsync("b");
        var message = (await bus.TakeAsync(max: 1))[0];

        await bus.Receiver.AbandonMessageAsync(message, new Dictionary<string, object> { ["why"] = "shutdown" });
        var again = await bus.TakeAsync();

        Assert.Equal(["a", "b"], again.Select(static m => m.Body.ToString()));
        Assert.Equal([2, 1], again.Select(static m => m.DeliveryCount));
        Assert.Equal("shutdown", again[0].ApplicationProperties["why"]);
    }

    [Fact]
    public async Task ReceiveAndDelete_Message_IsGoneAndCannotBeSettled()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        var receiver = bus.Client.CreateReceiver(TestBus.Queue, new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });

        var message = Assert.Single(await bus.TakeAsync(receiver));

        Assert.Equal(0, (await bus.CountsAsync()).TotalMessageCount);
        await Assert.ThrowsAsync<InvalidOperationException>(() => receiver.CompleteMessageAsync(message));
    }

    [Fact]
    public async Task Peek_Messages_TakesNoLock()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        await bus.SendAsync("b");

        var peeked = await bus.Receiver.PeekMessagesAsync(10);
        var rest = await bus.Receiver.PeekMessageAsync(peeked[0].SequenceNumber + 1);

        Assert.Equal(["a", "b"], peeked.Select(static m => m.Body.ToString()));
        Assert.Equal("b", rest.Body.ToString());
        Assert.Equal(2, (await bus.TakeAsync()).Count);
    }

    [Fact]
    public async Task Prefetch_MoreThanAsked_IsLockedAndHandedOutFromTheReceiver()
    {
        await using var bus = await TestBus.WithQueueAsync();
        foreach (var body in new[] { "a", "b", "c" })
            await bus.SendAsync(body);
        var receiver = bus.Client.CreateReceiver(TestBus.Queue, new ServiceBusReceiverOptions { PrefetchCount = 2 });

        var first = await receiver.ReceiveMessageAsync();

        Assert.Equal("a", first.Body.ToString());
        Assert.Equal("c", Assert.Single(await bus.TakeAsync()).Body.ToString());
        Assert.Equal("b", (await receiver.ReceiveMessagesAsync(5, TimeSpan.Zero))[0].Body.ToString());
    }

    [Fact]
    public async Task Receive_NothingComes_EndsEmptyAfterTheWait()
    {
        await using var bus = await TestBus.WithQueueAsync();

        var waiting = bus.Receiver.ReceiveMessagesAsync(3, TimeSpan.FromSeconds(5));
        bus.Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(waiting.IsCompleted);
        bus.Time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Empty(await waiting);
    }

    [Fact]
    public async Task Receive_Cancelled_ThrowsAndTakesNothing()
    {
        await using var bus = await TestBus.WithQueueAsync();
        using var cancel = new CancellationTokenSource();
        var waiting = bus.Receiver.ReceiveMessagesAsync(3, null, cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await bus.SendAsync("a");
        Assert.Equal(1, Assert.Single(await bus.TakeAsync()).DeliveryCount);
    }
}
