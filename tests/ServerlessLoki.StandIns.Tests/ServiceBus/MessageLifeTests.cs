using Azure.Messaging.ServiceBus;

namespace ServerlessLoki.StandIns.Tests.ServiceBus;

public sealed class MessageLifeTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task TimeToLive_Over_IsDroppedOrDeadLettered(bool deadLetter, int dead)
    {
        await using var bus = await TestBus.WithQueueAsync(q => q.DeadLetteringOnMessageExpiration = deadLetter);
        await bus.Sender.SendMessageAsync(new ServiceBusMessage("a") { TimeToLive = Minute });

        bus.Time.Advance(Minute);

        Assert.Empty(await bus.TakeAsync());
        var graves = await bus.TakeAsync(bus.DeadLetters);
        Assert.Equal(dead, graves.Count);
        Assert.All(graves, static m => Assert.Equal("TTLExpiredException", m.DeadLetterReason));
    }

    [Fact]
    public async Task TimeToLive_OverWhileLocked_CanStillBeCompletedButComesNoMore()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.Sender.SendMessageAsync(new ServiceBusMessage("a") { TimeToLive = TimeSpan.FromSeconds(10) });
        await bus.Sender.SendMessageAsync(new ServiceBusMessage("b") { TimeToLive = TimeSpan.FromSeconds(10) });
        var held = await bus.TakeAsync();

        bus.Time.Advance(TimeSpan.FromSeconds(20));
        await bus.Receiver.CompleteMessageAsync(held[0]);
        await bus.Receiver.AbandonMessageAsync(held[1]);

        Assert.Empty(await bus.TakeAsync());
        Assert.Equal(0, (await bus.CountsAsync()).TotalMessageCount);
    }

    [Fact]
    public async Task TimeToLive_LongerThanTheQueues_IsTheQueues()
    {
        await using var bus = await TestBus.WithQueueAsync(static q => q.DefaultMessageTimeToLive = Minute);
        await bus.Sender.SendMessageAsync(new ServiceBusMessage("a") { TimeToLive = Minute * 2 });

        var message = Assert.Single(await bus.Receiver.PeekMessagesAsync(1));

        Assert.Equal((Minute, message.EnqueuedTime + Minute), (message.TimeToLive, message.ExpiresAt));
    }

    [Fact]
    public async Task Schedule_Message_AppearsThenAndLivesFromThen()
    {
        await using var bus = await TestBus.WithQueueAsync();
        var at = bus.Time.GetUtcNow() + Minute;
        await bus.Sender.ScheduleMessageAsync(new ServiceBusMessage("a") { TimeToLive = Minute }, at);

        Assert.Empty(await bus.TakeAsync());
        Assert.Equal(1, (await bus.CountsAsync()).ScheduledMessageCount);
        Assert.Equal(ServiceBusMessageState.Scheduled, (await bus.Receiver.PeekMessageAsync()).State);
        var waiting = bus.Receiver.ReceiveMessageAsync(Minute * 2);
        bus.Time.Advance(Minute);

        var message = await waiting;
        Assert.Equal((at, at + Minute), (message.EnqueuedTime, message.ExpiresAt));
    }

    [Fact]
    public async Task Schedule_Cancelled_NeverAppears()
    {
        await using var bus = await TestBus.WithQueueAsync();
        var number = await bus.Sender.ScheduleMessageAsync(new ServiceBusMessage("a"), bus.Time.GetUtcNow() + Minute);

        await bus.Sender.CancelScheduledMessageAsync(number);
        bus.Time.Advance(Minute * 2);

        Assert.Empty(await bus.TakeAsync());
        var missing = await Assert.ThrowsAsync<ServiceBusException>(() => bus.Sender.CancelScheduledMessageAsync(number));
        Assert.Equal(ServiceBusFailureReason.MessageNotFound, missing.Reason);
    }

    [Fact]
    public async Task DuplicateDetection_SameIdWithinTheWindow_IsDropped()
    {
        await using var bus = await TestBus.WithQueueAsync(static q => (q.RequiresDuplicateDetection, q.DuplicateDetectionHistoryTimeWindow) = (true, Minute));
        await bus.SendAsync("a");
        await bus.Receiver.CompleteMessageAsync(Assert.Single(await bus.TakeAsync()));

        await bus.SendAsync("a");
        await bus.SendAsync("b");
        Assert.Equal(["b"], (await bus.TakeAsync()).Select(static m => m.Body.ToString()));

        bus.Time.Advance(Minute);
        await bus.SendAsync("a");
        Assert.Contains("a", (await bus.TakeAsync()).Select(static m => m.Body.ToString()));
    }

    [Fact]
    public async Task DuplicateDetection_NotAskedFor_KeepsBoth()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        await bus.SendAsync("a");

        Assert.Equal(2, (await bus.TakeAsync()).Count);
    }

    [Fact]
    public async Task Send_TooLarge_IsRefused()
    {
        await using var bus = await TestBus.WithQueueAsync();

        var one = await Assert.ThrowsAsync<ServiceBusException>(() => bus.Sender.SendMessageAsync(new ServiceBusMessage(new byte[256 * 1024])));
        var many = await Assert.ThrowsAsync<ServiceBusException>(() => bus.Sender.SendMessagesAsync([Large(), Large(), Large()]));

        Assert.Equal(ServiceBusFailureReason.MessageSizeExceeded, one.Reason);
        Assert.Equal(ServiceBusFailureReason.MessageSizeExceeded, many.Reason);
        Assert.Empty(await bus.TakeAsync());
    }

    [Fact]
    public async Task Batch_Full_TakesNoMoreAndIsSentWhole()
    {
        await using var bus = await TestBus.WithQueueAsync();
        using var batch = await bus.Sender.CreateMessageBatchAsync();

        Assert.True(batch.TryAddMessage(Large()));
        Assert.True(batch.TryAddMessage(Large()));
        Assert.False(batch.TryAddMessage(Large()));
        await bus.Sender.SendMessagesAsync(batch);

        Assert.Equal(2, (await bus.TakeAsync()).Count);
    }

    [Fact]
    public async Task Message_Headers_ArriveAsSent()
    {
        await using var bus = await TestBus.WithQueueAsync();
        var sent = new ServiceBusMessage("a") { MessageId = "id", CorrelationId = "c", Subject = "s", ReplyTo = "r", To = "t", ContentType = "ct" };
        sent.ApplicationProperties["n"] = 1L;

        await bus.Sender.SendMessageAsync(sent);

        var got = Assert.Single(await bus.TakeAsync());
        Assert.Equal(("id", "c", "s", "r", "t", "ct"), (got.MessageId, got.CorrelationId, got.Subject, got.ReplyTo, got.To, got.ContentType));
        Assert.Equal(1L, got.ApplicationProperties["n"]);
    }

    private static ServiceBusMessage Large() => new(new byte[100 * 1024]);
}
