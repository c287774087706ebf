using Azure.Messaging.ServiceBus;

namespace ServerlessLoki.StandIns.Tests.ServiceBus;

public sealed class DeadLetterTests
{
    [Fact]
    public async Task MaxDeliveryCount_Reached_IsDeadLetteredWithTheReason()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");

        await bus.Receiver.AbandonMessageAsync(Assert.Single(await bus.TakeAsync()));
        Assert.Single(await bus.TakeAsync());
        bus.Time.Advance(TimeSpan.FromSeconds(30));
        await bus.Receiver.AbandonMessageAsync(Assert.Single(await bus.TakeAsync()));

        Assert.Empty(await bus.TakeAsync());
        var dead = Assert.Single(await bus.TakeAsync(bus.DeadLetters));
        Assert.Equal("MaxDeliveryCountExceeded", dead.DeadLetterReason);
        Assert.Contains("3", dead.DeadLetterErrorDescription, StringComparison.Ordinal);
        Assert.Equal("a", dead.Body.ToString());
    }

    [Fact]
    public async Task DeadLetter_ByReceiver_KeepsReasonDescriptionAndProperties()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");

        await bus.Receiver.DeadLetterMessageAsync(
            Assert.Single(await bus.TakeAsync()), new Dictionary<string, object> { ["at"] = 7 }, "Poison", "Byte 3 is wrong.");

        var counts = await bus.CountsAsync();
        Assert.Equal((0, 1), (counts.ActiveMessageCount, counts.DeadLetterMessageCount));
        var dead = Assert.Single(await bus.TakeAsync(bus.DeadLetters));
        Assert.Equal(("Poison", "Byte 3 is wrong."), (dead.DeadLetterReason, dead.DeadLetterErrorDescription));
        Assert.Equal(7, dead.ApplicationProperties["at"]);
    }

    [Fact]
    public async Task DeadLetters_AbandonedOften_StayUntilCompleted()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        await bus.Receiver.DeadLetterMessageAsync(Assert.Single(await bus.TakeAsync()), "Poison");

        for (var i = 0; i < 5; i++)
            await bus.DeadLetters.AbandonMessageAsync(Assert.Single(await bus.TakeAsync(bus.DeadLetters)));
        await bus.DeadLetters.CompleteMessageAsync(Assert.Single(await bus.TakeAsync(bus.DeadLetters)));

        Assert.Equal(0, (await bus.CountsAsync()).TotalMessageCount);
    }

    [Fact]
    public async Task DeadLetters_ReceiverByPath_SeesThem()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        await bus.Receiver.DeadLetterMessageAsync(Assert.Single(await bus.TakeAsync()), "Poison");

        Assert.Single(await bus.TakeAsync(bus.Client.CreateReceiver($"{TestBus.Queue}/$DeadLetterQueue")));
    }

    [Fact]
    public async Task Resend_FromReceivedMessage_LeavesTheReasonBehind()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        await bus.Receiver.DeadLetterMessageAsync(Assert.Single(await bus.TakeAsync()), "Poison", "Why.");
        var dead = Assert.Single(await bus.TakeAsync(bus.DeadLetters));

        await bus.Sender.SendMessageAsync(new ServiceBusMessage(dead));

        var again = Assert.Single(await bus.TakeAsync());
        Assert.Equal(("a", "a", null), (again.Body.ToString(), again.MessageId, again.DeadLetterReason));
    }
}
