using Azure.Messaging.ServiceBus;

namespace ServerlessLoki.LocalCloud.ServiceBus.Tests;

public sealed class PeekLockTests
{
    private static readonly TimeSpan LockDuration = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestBus.Stop;

    [Fact]
    public async Task Receive_Locked_NobodyElseSeesItUntilItIsCompleted()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");

        var message = await bus.TakeOneAsync();

        Assert.Equal(("a", 1), (message.Body.ToString(), message.DeliveryCount));
        Assert.Equal(bus.Time.GetUtcNow() + LockDuration, message.LockedUntil);
        await bus.NothingComesAsync();
        Assert.Equal(1, (await bus.CountsAsync()).ActiveMessageCount);
        await bus.Receiver.CompleteMessageAsync(message, Stop);
        Assert.Equal(0, (await bus.CountsAsync()).TotalMessageCount);
    }

    [Fact]
    public async Task Receive_SeveralSent_ComesInOrderUpToTheMaximum()
    {
        await using var bus = await TestBus.WithQueueAsync();
        foreach (var body in new[] { "a", "b", "c" })
            await bus.SendAsync(body);

        var first = await bus.TakeAsync(2);
        var second = await bus.TakeAsync(1);

        Assert.Equal(["a", "b"], first.Select(static m => m.Body.ToString()));
        Assert.Equal(["c"], second.Select(static m => m.Body.ToString()));
    }

    [Fact]
    public async Task LockExpiry_NotSettled_ComesAgainAndTheOldLockIsLost()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        var first = await bus.TakeOneAsync();

        bus.Time.Advance(LockDuration);
        var second = await bus.TakeOneAsync();

        Assert.Equal(2, second.DeliveryCount);
        Assert.NotEqual(first.LockToken, second.LockToken);
        await LostAsync(() => bus.Receiver.CompleteMessageAsync(first, Stop));
        await bus.Receiver.CompleteMessageAsync(second, Stop);
    }

    [Fact]
    public async Task LockExpiry_SomeoneWaits_IsHandedOverAtOnce()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        await bus.TakeOneAsync();
        var waiting = bus.TakeOneAsync();

        bus.Time.Advance(LockDuration - TimeSpan.FromMilliseconds(2));
        await Task.Delay(100, Stop);
        Assert.False(waiting.IsCompleted);
        bus.Time.Advance(TimeSpan.FromMilliseconds(2));

        Assert.Equal(2, (await waiting).DeliveryCount);
    }

    [Fact]
    public async Task Renew_BeforeExpiry_KeepsTheLock()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        var message = await bus.TakeOneAsync();
        var until = message.LockedUntil;

        bus.Time.Advance(LockDuration / 2);
        await bus.Receiver.RenewMessageLockAsync(message, Stop);
        bus.Time.Advance(LockDuration * 0.9);

        Assert.Equal(until + (LockDuration / 2), message.LockedUntil);
        await bus.Receiver.CompleteMessageAsync(message, Stop);
    }

    [Fact]
    public async Task Renew_AfterExpiry_IsLost()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        var message = await bus.TakeOneAsync();
        bus.Time.Advance(LockDuration);

        await LostAsync(() => bus.Receiver.RenewMessageLockAsync(message, Stop));
    }

    [Fact]
    public async Task Abandon_Message_ComesAgainInItsOldPlaceWithChangedProperties()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.Sender.SendMessageAsync(new ServiceBusMessage("a") { ApplicationProperties = { ["kept"] = 1, ["changed"] = 2L } }, Stop);
        await bus.SendAsync("b");
        var message = await bus.TakeOneAsync();

        await bus.Receiver.AbandonMessageAsync(message, new Dictionary<string, object> { ["why"] = "shutdown", ["changed"] = 3L }, Stop);
        var again = await bus.TakeAsync(2);

        Assert.Equal(["a", "b"], again.Select(static m => m.Body.ToString()));
        Assert.Equal([2, 1], again.Select(static m => m.DeliveryCount));
        Assert.Equal((1, 3L, "shutdown"), (again[0].ApplicationProperties["kept"], again[0].ApplicationProperties["changed"], again[0].ApplicationProperties["why"]));
    }

    [Fact]
    public async Task ReceiveAndDelete_Message_IsGoneAndCannotBeSettled()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        await using var receiver = bus.Client.CreateReceiver(TestBus.Queue, new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });

        var message = await bus.TakeOneAsync(receiver);

        Assert.Equal(0, (await bus.CountsAsync()).TotalMessageCount);
        await Assert.ThrowsAsync<InvalidOperationException>(() => receiver.CompleteMessageAsync(message, Stop));
    }

    [Fact]
    public async Task Peek_Messages_TakesNoLock()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        await bus.SendAsync("b");

        var peeked = await bus.Receiver.PeekMessagesAsync(10, cancellationToken: Stop);
        var rest = await bus.Receiver.PeekMessageAsync(peeked[0].SequenceNumber + 1, Stop);

        Assert.Equal(["a", "b"], peeked.Select(static m => m.Body.ToString()));
        Assert.Equal("b", rest.Body.ToString());
        Assert.Equal([1, 1], (await bus.TakeAsync(2)).Select(static m => m.DeliveryCount));
    }

    [Fact]
    public async Task Prefetch_MoreThanAsked_IsLockedAndHandedOutFromTheReceiver()
    {
        await using var bus = await TestBus.WithQueueAsync();
        foreach (var body in new[] { "a", "b", "c" })
            await bus.SendAsync(body);
        await using var receiver = bus.Client.CreateReceiver(TestBus.Queue, new ServiceBusReceiverOptions { PrefetchCount = 2 });

        var first = await bus.TakeOneAsync(receiver);

        Assert.Equal("a", first.Body.ToString());
        Assert.Equal("c", (await bus.TakeOneAsync()).Body.ToString());
        Assert.Equal("b", (await bus.TakeOneAsync(receiver)).Body.ToString());
    }

    [Fact]
    public async Task Receive_NothingComes_EndsEmptyAfterTheWait()
    {
        await using var bus = await TestBus.WithQueueAsync();

        Assert.Empty(await bus.Receiver.ReceiveMessagesAsync(3, TimeSpan.FromMilliseconds(200), Stop));
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
        Assert.Equal(1, (await bus.TakeOneAsync()).DeliveryCount);
    }

    [Fact]
    public async Task Credit_LeftByReceivesThatGaveUp_CountsNoDelivery()
    {
        await using var bus = await TestBus.WithQueueAsync(static q => q.MaxDeliveryCount = 1);
        // Each leaves ten credits behind; what comes for them is given back by the client.
        await using var idle = bus.Client.CreateReceiver(TestBus.Queue);
        Assert.Empty(await idle.ReceiveMessagesAsync(10, TimeSpan.FromMilliseconds(100), Stop));
        await using var other = bus.Client.CreateReceiver(TestBus.Queue);
        Assert.Empty(await other.ReceiveMessagesAsync(10, TimeSpan.FromMilliseconds(100), Stop));

        for (var i = 0; i < 5; i++)
            await bus.SendAsync($"{i}");
        var taken = await bus.TakeAsync(5);

        Assert.All(taken, static m => Assert.Equal(1, m.DeliveryCount));
        Assert.Equal(0, (await bus.CountsAsync()).DeadLetterMessageCount);
    }

    [Fact]
    public async Task Processor_ManyAtOnce_CompletesEach()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.Sender.SendMessagesAsync(Enumerable.Range(0, 200).Select(static i => new ServiceBusMessage($"{i}")), Stop);
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        await using var processor = bus.Client.CreateProcessor(
            TestBus.Queue, new ServiceBusProcessorOptions { MaxConcurrentCalls = 32, PrefetchCount = 10, MaxAutoLockRenewalDuration = TimeSpan.Zero });
        var faults = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        processor.ProcessMessageAsync += call =>
        {
            seen.AddOrUpdate(call.Message.Body.ToString(), 1, static (_, n) => n + 1);
            return Task.CompletedTask;
        };
        processor.ProcessErrorAsync += error =>
        {
            faults.Enqueue(error.Exception);
            return Task.CompletedTask;
        };

        await processor.StartProcessingAsync(Stop);
        await Eventually.Holds(async () => (await bus.CountsAsync()).TotalMessageCount == 0, "all were completed");
        await processor.StopProcessingAsync(Stop);

        Assert.Empty(faults);
        Assert.Equal((200, 200), (seen.Count, seen.Values.Sum()));
    }

    private static async Task LostAsync(Func<Task> call)
    {
        var lost = await Assert.ThrowsAsync<ServiceBusException>(call);
        Assert.Equal((ServiceBusFailureReason.MessageLockLost, false), (lost.Reason, lost.IsTransient));
    }
}
