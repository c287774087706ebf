using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Azure.Tests.ServiceBus;

public sealed class DeadLetterTests
{
    private readonly ConcurrentQueue<StageReply> _replies = new();

    [Fact]
    public async Task Poison_NoStageMessage_IsPutAsideWithWhatIsWrong()
    {
        await using var bus = await TestNamespace.StartAsync();
        await bus.Keeper.EnsureAsync([TestNamespace.Stage], CancellationToken.None);
        await bus.Client.CreateSender(TestNamespace.Queue).SendMessageAsync(new ServiceBusMessage("nonsense"));

        await using var receiver = bus.Worker().OpenReceiver(TestNamespace.Stage, static () => { });
        var letter = await bus.DeadLetters().ReceiveMessageAsync();

        Assert.Equal("PoisonBody", letter.DeadLetterReason);
        Assert.Contains("stage message", letter.DeadLetterErrorDescription, StringComparison.Ordinal);
        Assert.Equal(0, receiver.Count);
    }

    [Fact]
    public async Task Poison_UnknownTask_IsPutAsideAndItsQueryFails()
    {
        await using var bus = await TestNamespace.StartAsync();
        bus.Items.Refused.Add("bad");
        await using var inbox = await InboxAsync(bus);
        await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message("bad"), CancellationToken.None);

        await using var receiver = bus.Worker().OpenReceiver(TestNamespace.Stage, static () => { });
        var letter = await bus.DeadLetters().ReceiveMessageAsync();
        await TestNamespace.Eventually(() => !_replies.IsEmpty, "the query heard of it");

        Assert.Equal("Task 'x' is unknown.", letter.DeadLetterErrorDescription);
        var reply = Assert.Single(_replies);
        Assert.Equal(("bad", Credit.Whole.Split(1, 3), QueryOutcome.Failed), (reply.QueryId, reply.Credit, reply.Failure!.Outcome));
        Assert.Contains("Task 'x' is unknown.", reply.Failure.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deliveries_WorkerDiesEachTime_BecomesADeadLetterAndItsQueryFails()
    {
        await using var bus = await TestNamespace.StartAsync(new ServiceBusOptions { MaxDeliveryCount = 2 });
        await using var inbox = await InboxAsync(bus);
        await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message("killer"), CancellationToken.None);
        for (var i = 0; i < 2; i++)
        {
            var dying = bus.Client.CreateReceiver(TestNamespace.Queue).ReceiveMessageAsync();
            Assert.NotNull(await dying);
            bus.Time.Advance(bus.Options.LockDuration);
        }

        await using var receiver = bus.Worker().OpenReceiver(TestNamespace.Stage, static () => { });
        await bus.Passing(bus.Options.DeadLetterLook / 5, () => Task.FromResult(!_replies.IsEmpty), "the query heard of it");

        Assert.Contains("MaxDeliveryCountExceeded", Assert.Single(_replies).Failure!.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await bus.CountsAsync()).DeadLetterMessageCount);
    }

    [Fact]
    public async Task Deliveries_LetterThatWasSentFirstComesLast_ItsQueryFailsToo()
    {
        await using var bus = await TestNamespace.StartAsync(new ServiceBusOptions { MaxDeliveryCount = 1 });
        await using var inbox = await InboxAsync(bus);
        foreach (var query in (string[])["first", "second"])
            await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message(query), CancellationToken.None);
        await using var dying = bus.Client.CreateReceiver(TestNamespace.Queue);
        var held = await TestNamespace.TakeAsync(dying, 2);
        await dying.AbandonMessageAsync(held[1]);
        await using var receiver = bus.Worker().OpenReceiver(TestNamespace.Stage, static () => { });
        await bus.Passing(bus.Options.DeadLetterLook / 5, () => Task.FromResult(_replies.Count == 1), "the second query heard of it");

        await bus.Passing(bus.Options.DeadLetterLook / 5, () => Task.FromResult(_replies.Count == 2), "the first query heard of it");

        Assert.Equal(["second", "first"], _replies.Select(static r => r.QueryId));
    }

    [Fact]
    public async Task Letters_OfBefore_AreToldByWhoeverStartsWhileSomebodyMayWait()
    {
        await using var bus = await TestNamespace.StartAsync(new ServiceBusOptions { MaxDeliveryCount = 1 });
        await using var inbox = await InboxAsync(bus);
        foreach (var query in (string[])["express", "run"])
        {
            await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message(query, query == "run" ? null : TimeSpan.FromMinutes(2)), CancellationToken.None);
            await using var dying = bus.Client.CreateReceiver(TestNamespace.Queue);
            await dying.AbandonMessageAsync(await dying.ReceiveMessageAsync());
        }

        await ServeAsync(bus, "a", () => _replies.Count == 2);
        bus.Time.Advance(TimeSpan.FromMinutes(2));
        await ServeAsync(bus, "b", () => _replies.Count == 3);
        bus.Time.Advance(TimeSpan.FromDays(1));
        // What comes after the old ones shows that they were looked at.
        await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message("new"), CancellationToken.None);
        await using (var dying = bus.Client.CreateReceiver(TestNamespace.Queue))
            await dying.AbandonMessageAsync(await dying.ReceiveMessageAsync());
        await ServeAsync(bus, "c", () => _replies.Any(static r => r.QueryId == "new"));

        Assert.Equal(["express", "run", "run", "new"], _replies.Select(static r => r.QueryId));
    }

    [Fact]
    public async Task ClaimCheck_BodyTooLarge_TravelsByTokenAndIsDeletedAfterwards()
    {
        await using var bus = await TestNamespace.StartAsync();
        var message = Messages.Message("large", payloadBytes: Envelope.InlineBytes);
        await bus.Sender.SendAsync(TestNamespace.Stage, message, CancellationToken.None);
        Assert.Single(bus.Payloads.Stored);

        await using var receiver = bus.Worker().OpenReceiver(TestNamespace.Stage, static () => { });
        await TestNamespace.Eventually(() => receiver.Count == 1, "it arrived");
        var items = new List<StageItem>();
        receiver.Take(1, items);
        Assert.Equal(message, FakeItems.MessageOf(items[0]));
        await receiver.CompleteAsync(items[0], CancellationToken.None);

        Assert.Empty(bus.Payloads.Stored);
    }

    [Fact]
    public async Task ClaimCheck_StoreAwayForAWhile_WaitsWithoutUsingUpDeliveries()
    {
        await using var bus = await TestNamespace.StartAsync();
        await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message("large", payloadBytes: Envelope.InlineBytes), CancellationToken.None);
        Volatile.Write(ref bus.Payloads.Faults, 3);

        await using var receiver = bus.Worker().OpenReceiver(TestNamespace.Stage, static () => { });
        await bus.Passing(bus.Options.Pause / 2, () => Task.FromResult(receiver.Count == 1), "it arrived");

        var items = new List<StageItem>();
        receiver.Take(1, items);
        Assert.Equal(0, items[0].Attempts);
    }

    [Fact]
    public async Task ClaimCheck_PayloadGone_IsPutAside()
    {
        await using var bus = await TestNamespace.StartAsync();
        await using var inbox = await InboxAsync(bus);
        await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message("large", payloadBytes: Envelope.InlineBytes), CancellationToken.None);
        bus.Payloads.Stored.Clear();

        await using var receiver = bus.Worker().OpenReceiver(TestNamespace.Stage, static () => { });

        Assert.Contains("is gone", (await bus.DeadLetters().ReceiveMessageAsync()).DeadLetterErrorDescription, StringComparison.Ordinal);
    }

    /// <summary>Serves the queue until dead letters were looked at.</summary>
    private static async Task ServeAsync(TestNamespace bus, string worker, Func<bool> told)
    {
        await using var receiver = bus.Worker(worker).OpenReceiver(TestNamespace.Stage, static () => { });
        await bus.Passing(bus.Options.DeadLetterLook / 5, () => Task.FromResult(told()), $"{worker} told of the letters");
    }

    private Task<IAsyncDisposable> InboxAsync(TestNamespace bus) => bus.OpenInboxAsync("loki-replies-test", reply =>
    {
        _replies.Enqueue(reply);
        return ValueTask.CompletedTask;
    });
}
