using Azure.Messaging.ServiceBus;

namespace ServerlessLoki.LocalCloud.ServiceBus.Tests;

public sealed class DeadLetterTests
{
    private static CancellationToken Stop => TestBus.Stop;

    [Fact]
    public async Task MaxDeliveryCount_Reached_IsDeadLetteredWithTheReason()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");

        await bus.Receiver.AbandonMessageAsync(await bus.TakeOneAsync(), cancellationToken: Stop);
        await bus.TakeOneAsync();
        bus.Time.Advance(TimeSpan.FromSeconds(30));
        await bus.Receiver.AbandonMessageAsync(await bus.TakeOneAsync(), cancellationToken: Stop);

        var dead = await bus.TakeOneAsync(bus.DeadLetters);
        Assert.Equal(("a", "MaxDeliveryCountExceeded"), (dead.Body.ToString(), dead.DeadLetterReason));
        Assert.Contains("3", dead.DeadLetterErrorDescription, StringComparison.Ordinal);
        Assert.Equal(0, (await bus.CountsAsync()).ActiveMessageCount);
    }

    [Fact]
    public async Task DeadLetter_ByReceiver_KeepsReasonDescriptionAndProperties()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");

        await bus.Receiver.DeadLetterMessageAsync(
            await bus.TakeOneAsync(), new Dictionary<string, object> { ["at"] = 7 }, "Poison", "Byte 3 is wrong.", Stop);

        var counts = await bus.CountsAsync();
        Assert.Equal((0, 1), (counts.ActiveMessageCount, counts.DeadLetterMessageCount));
        var dead = await bus.TakeOneAsync(bus.DeadLetters);
        Assert.Equal(("Poison", "Byte 3 is wrong."), (dead.DeadLetterReason, dead.DeadLetterErrorDescription));
        Assert.Equal(7, dead.ApplicationProperties["at"]);
    }

    [Fact]
    public async Task DeadLetter_WithoutReason_IsDeadLettered()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");

        await bus.Receiver.DeadLetterMessageAsync(await bus.TakeOneAsync(), cancellationToken: Stop);

        Assert.Null((await bus.TakeOneAsync(bus.DeadLetters)).DeadLetterReason);
    }

    [Fact]
    public async Task DeadLetters_AbandonedOften_StayUntilCompleted()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        await bus.Receiver.DeadLetterMessageAsync(await bus.TakeOneAsync(), "Poison", cancellationToken: Stop);

        for (var i = 0; i < 5; i++)
            await bus.DeadLetters.AbandonMessageAsync(await bus.TakeOneAsync(bus.DeadLetters), cancellationToken: Stop);
        await bus.DeadLetters.CompleteMessageAsync(await bus.TakeOneAsync(bus.DeadLetters), Stop);

        Assert.Equal(0, (await bus.CountsAsync()).TotalMessageCount);
    }

    [Fact]
    public async Task DeadLetters_Peeked_AreThoseFromANumberOn()
    {
        await using var bus = await TestBus.WithQueueAsync();
        foreach (var body in (string[])["a", "b"])
        {
            await bus.SendAsync(body);
            await bus.Receiver.DeadLetterMessageAsync(await bus.TakeOneAsync(), "Poison", cancellationToken: Stop);
        }

        var all = await bus.DeadLetters.PeekMessagesAsync(10, 0, Stop);
        var rest = await bus.DeadLetters.PeekMessagesAsync(10, all[0].SequenceNumber + 1, Stop);

        Assert.Equal(["a", "b"], all.Select(static m => m.Body.ToString()));
        Assert.Equal(["b"], rest.Select(static m => m.Body.ToString()));
    }

    [Fact]
    public async Task DeadLetters_ReceiverByPath_SeesThem()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        await bus.Receiver.DeadLetterMessageAsync(await bus.TakeOneAsync(), "Poison", cancellationToken: Stop);

        await using var receiver = bus.Client.CreateReceiver($"{TestBus.Queue}/$DeadLetterQueue");
        Assert.Equal("Poison", (await bus.TakeOneAsync(receiver)).DeadLetterReason);
    }

    [Fact]
    public async Task Resend_FromReceivedMessage_LeavesTheReasonBehind()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        await bus.Receiver.DeadLetterMessageAsync(await bus.TakeOneAsync(), "Poison", "Why.", Stop);
        var dead = await bus.TakeOneAsync(bus.DeadLetters);

        await bus.Sender.SendMessageAsync(new ServiceBusMessage(dead), Stop);

        var again = await bus.TakeOneAsync();
        Assert.Equal(("a", "a", null, 1), (again.Body.ToString(), again.MessageId, again.DeadLetterReason, again.DeliveryCount));
    }
}
