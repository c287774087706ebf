using Azure.Messaging.ServiceBus;

namespace ServerlessLoki.LocalCloud.ServiceBus.Tests;

public sealed class MessageLifeTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static CancellationToken Stop => TestBus.Stop;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TimeToLive_Over_IsDroppedOrDeadLettered(bool deadLetter)
    {
        await using var bus = await TestBus.WithQueueAsync(q => q.DeadLetteringOnMessageExpiration = deadLetter);
        await bus.Sender.SendMessageAsync(new ServiceBusMessage("a") { TimeToLive = Minute }, Stop);

        bus.Time.Advance(Minute);

        var counts = await bus.CountsAsync();
        Assert.Equal((0, deadLetter ? 1 : 0), (counts.ActiveMessageCount, counts.DeadLetterMessageCount));
        if (deadLetter)
            Assert.Equal("TTLExpiredException", (await bus.TakeOneAsync(bus.DeadLetters)).DeadLetterReason);
    }

    [Fact]
    public async Task TimeToLive_OverWhileLocked_CanStillBeCompletedButComesNoMore()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.Sender.SendMessageAsync(new ServiceBusMessage("a") { TimeToLive = TimeSpan.FromSeconds(10) }, Stop);
        await bus.Sender.SendMessageAsync(new ServiceBusMessage("b") { TimeToLive = TimeSpan.FromSeconds(10) }, Stop);
        var held = await bus.TakeAsync(2);

        bus.Time.Advance(TimeSpan.FromSeconds(20));
        await bus.Receiver.CompleteMessageAsync(held[0], Stop);
        await bus.Receiver.AbandonMessageAsync(held[1], cancellationToken: Stop);

        Assert.Equal(0, (await bus.CountsAsync()).TotalMessageCount);
    }

    [Fact]
    public async Task TimeToLive_LongerThanTheQueues_IsTheQueues()
    {
        await using var bus = await TestBus.WithQueueAsync(static q => q.DefaultMessageTimeToLive = Minute);
        await bus.Sender.SendMessageAsync(new ServiceBusMessage("a") { TimeToLive = Minute * 2 }, Stop);
        await bus.SendAsync("b");

        foreach (var message in await bus.Receiver.PeekMessagesAsync(2, cancellationToken: Stop))
            Assert.Equal((Minute, bus.Time.GetUtcNow(), bus.Time.GetUtcNow() + Minute), (message.TimeToLive, message.EnqueuedTime, message.ExpiresAt));
    }

    [Fact]
    public async Task TimeToLive_None_NeverExpires()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");

        bus.Time.Advance(TimeSpan.FromDays(1000));

        var message = await bus.TakeOneAsync();
        Assert.Equal((TimeSpan.MaxValue, DateTimeOffset.MaxValue), (message.TimeToLive, message.ExpiresAt));
    }

    [Fact]
    public async Task Schedule_Message_AppearsThenAndLivesFromThen()
    {
        await using var bus = await TestBus.WithQueueAsync();
        var at = bus.Time.GetUtcNow() + Minute;
        await bus.Sender.ScheduleMessageAsync(new ServiceBusMessage("a") { TimeToLive = Minute }, at, Stop);

        await bus.NothingComesAsync();
        Assert.Equal((0, 1), ((await bus.CountsAsync()).ActiveMessageCount, (await bus.CountsAsync()).ScheduledMessageCount));
        Assert.Equal(ServiceBusMessageState.Scheduled, (await bus.Receiver.PeekMessageAsync(cancellationToken: Stop)).State);
        var waiting = bus.TakeOneAsync();
        bus.Time.Advance(Minute);

        var message = await waiting;
        Assert.Equal((at, at + Minute, ServiceBusMessageState.Active), (message.EnqueuedTime, message.ExpiresAt, message.State));
    }

    [Fact]
    public async Task Schedule_ByTheMessageItself_AppearsThen()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.Sender.SendMessageAsync(new ServiceBusMessage("a") { ScheduledEnqueueTime = bus.Time.GetUtcNow() + Minute }, Stop);
        Assert.Equal(1, (await bus.CountsAsync()).ScheduledMessageCount);

        bus.Time.Advance(Minute);

        Assert.Equal("a", (await bus.TakeOneAsync()).Body.ToString());
    }

    [Fact]
    public async Task Schedule_Cancelled_NeverAppears()
    {
        await using var bus = await TestBus.WithQueueAsync();
        var number = await bus.Sender.ScheduleMessageAsync(new ServiceBusMessage("a"), bus.Time.GetUtcNow() + Minute, Stop);

        await bus.Sender.CancelScheduledMessageAsync(number, Stop);
        bus.Time.Advance(Minute * 2);

        Assert.Equal(0, (await bus.CountsAsync()).TotalMessageCount);
        var missing = await Assert.ThrowsAsync<ServiceBusException>(() => bus.Sender.CancelScheduledMessageAsync(number, Stop));
        Assert.Equal(ServiceBusFailureReason.MessageNotFound, missing.Reason);
    }

    [Fact]
    public async Task DuplicateDetection_SameIdWithinTheWindow_IsDropped()
    {
        await using var bus = await TestBus.WithQueueAsync(static q => (q.RequiresDuplicateDetection, q.DuplicateDetectionHistoryTimeWindow) = (true, Minute));
        await bus.SendAsync("a");
        await bus.Receiver.CompleteMessageAsync(await bus.TakeOneAsync(), Stop);

        await bus.SendAsync("a");
        await bus.SendAsync("b");
        Assert.Equal("b", (await bus.TakeOneAsync()).Body.ToString());
        Assert.Equal(1, (await bus.CountsAsync()).TotalMessageCount);

        bus.Time.Advance(Minute);
        await bus.SendAsync("a");
        Assert.Contains("a", (await bus.TakeAsync(2)).Select(static m => m.Body.ToString()));
    }

    [Fact]
    public async Task DuplicateDetection_NotAskedFor_KeepsBoth()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        await bus.SendAsync("a");

        Assert.Equal(2, (await bus.CountsAsync()).ActiveMessageCount);
    }

    [Fact]
    public async Task Send_TooLarge_IsRefused()
    {
        await using var bus = await TestBus.WithQueueAsync();

        var one = await Assert.ThrowsAsync<ServiceBusException>(() => bus.Sender.SendMessageAsync(new ServiceBusMessage(new byte[256 * 1024]), Stop));
        var many = await Assert.ThrowsAsync<ServiceBusException>(() => bus.Sender.SendMessagesAsync([Large(), Large(), Large()], Stop));
        var later = await Assert.ThrowsAsync<ServiceBusException>(
            () => bus.Sender.ScheduleMessageAsync(new ServiceBusMessage(new byte[256 * 1024]), bus.Time.GetUtcNow() + Minute, Stop));

        Assert.All([one, many, later], static e => Assert.Equal(ServiceBusFailureReason.MessageSizeExceeded, e.Reason));
        Assert.Equal(0, (await bus.CountsAsync()).TotalMessageCount);
    }

    [Fact]
    public async Task Batch_Full_TakesNoMoreAndIsSentWhole()
    {
        await using var bus = await TestBus.WithQueueAsync();
        using var batch = await bus.Sender.CreateMessageBatchAsync(Stop);

        Assert.Equal(256 * 1024, batch.MaxSizeInBytes);
        Assert.True(batch.TryAddMessage(Large()));
        Assert.True(batch.TryAddMessage(Large()));
        Assert.False(batch.TryAddMessage(Large()));
        await bus.Sender.SendMessagesAsync(batch, Stop);

        Assert.All(await bus.TakeAsync(2), static m => Assert.Equal(Large().Body.ToArray(), m.Body.ToArray()));
    }

    [Fact]
    public async Task Message_Headers_ArriveAsSent()
    {
        await using var bus = await TestBus.WithQueueAsync();
        var sent = new ServiceBusMessage("a") { MessageId = "id", CorrelationId = "c", Subject = "s", ReplyTo = "r", To = "t", ContentType = "ct" };
        foreach (var value in new object[] { "t", true, 1, 2L, 0.5, Guid.Empty, bus.Time.GetUtcNow(), Minute })
            sent.ApplicationProperties[value.GetType().Name] = value;

        await bus.Sender.SendMessageAsync(sent, Stop);

        var got = await bus.TakeOneAsync();
        Assert.Equal(("id", "c", "s", "r", "t", "ct"), (got.MessageId, got.CorrelationId, got.Subject, got.ReplyTo, got.To, got.ContentType));
        Assert.Equal(sent.ApplicationProperties, got.ApplicationProperties);
    }

    [Fact]
    public async Task Message_WithSession_IsRefusedInWords()
    {
        await using var bus = await TestBus.WithQueueAsync();

        var refused = await Assert.ThrowsAsync<NotSupportedException>(() => bus.Sender.SendMessageAsync(new ServiceBusMessage("a") { SessionId = "s" }, Stop));

        Assert.Contains("Sessions are not served", refused.Message, StringComparison.Ordinal);
    }

    private static ServiceBusMessage Large() => new(new byte[100 * 1024]);
}
