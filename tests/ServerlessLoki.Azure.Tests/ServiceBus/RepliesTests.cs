using System.Collections.Concurrent;
using System.Collections.Immutable;
using Azure.Messaging.ServiceBus;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Azure.Tests.ServiceBus;

public sealed class RepliesTests
{
    private const string Name = "loki-replies-one";
    private readonly ConcurrentQueue<StageReply> _received = new();

    [Fact]
    public async Task Send_OpenInbox_ArrivesWhole()
    {
        await using var bus = await TestNamespace.StartAsync();
        await using var inbox = await bus.OpenInboxAsync(Name, Take);
        var reply = Messages.Reply("q") with { Rows = [new OutputRow(1, 0.5f, 0.1f, 0.2f, 0.3f, 0.4f)], Children = 2 };

        await bus.Replies.SendAsync(Name, reply, CancellationToken.None);

        await Arrived(1);
        Assert.Equal(reply, _received.Single());
        await TestNamespace.Eventually(async () => (await bus.Admin.GetQueueRuntimePropertiesAsync(Name)).Value.TotalMessageCount == 0, "it was settled");
    }

    [Fact]
    public async Task Send_InboxOpensLater_ArrivesStill()
    {
        await using var bus = await TestNamespace.StartAsync();
        var sending = bus.Replies.SendAsync(Name, Messages.Reply("q"), CancellationToken.None).AsTask();
        await using var inbox = bus.Replies.OpenInbox(Name, Take);

        await bus.Passing(TimeSpan.FromMilliseconds(50), () => Task.FromResult(sending.IsCompleted), "it was sent");

        await Arrived(1);
    }

    [Fact]
    public async Task Send_InboxGone_IsDroppedAndMakesNoQueue()
    {
        await using var bus = await TestNamespace.StartAsync();
        await using (await bus.OpenInboxAsync(Name, Take))
            Assert.True((await bus.Admin.QueueExistsAsync(Name)).Value);
        Assert.False((await bus.Admin.QueueExistsAsync(Name)).Value);

        var sending = bus.Replies.SendAsync(Name, Messages.Reply("q"), CancellationToken.None).AsTask();
        await bus.Passing(TimeSpan.FromMilliseconds(50), () => Task.FromResult(sending.IsCompleted), "it gave up");

        await sending;
        Assert.False((await bus.Admin.QueueExistsAsync(Name)).Value);
    }

    [Fact]
    public async Task Inbox_HandlerThrows_ComesAgain()
    {
        await using var bus = await TestNamespace.StartAsync();
        var calls = 0;
        await using var inbox = await bus.OpenInboxAsync(Name, reply => ++calls == 1 ? throw new InvalidOperationException("Not now.") : Take(reply));

        await bus.Replies.SendAsync(Name, Messages.Reply("q"), CancellationToken.None);

        await Arrived(1);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task Inbox_OwnerDies_IsDeletedByTheService()
    {
        await using var bus = await TestNamespace.StartAsync();
        var dying = bus.Connect();
        await using var replies = new ServiceBusReplies(
            dying, bus.Payloads, bus.Options, bus.Time, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        var inbox = replies.OpenInbox(Name, Take);
        await TestNamespace.Eventually(async () => (await bus.Admin.QueueExistsAsync(Name)).Value, "the queue was made");
        await dying.DisposeAsync();

        await bus.Passing(TimeSpan.FromMinutes(1), async () => !(await bus.Admin.QueueExistsAsync(Name)).Value, "the queue was deleted");
        await inbox.DisposeAsync();
    }

    [Fact]
    public async Task DurableResults_SentTwice_AreThereOnceAndReadable()
    {
        await using var bus = await TestNamespace.StartAsync();
        var reply = Messages.Reply("q") with { Rows = [.. Enumerable.Repeat(new OutputRow(1, 0.5f, 0, 0, 1, 1), 12_000)] };
        await bus.Replies.SendAsync(StageQueueNames.StageResults, reply, CancellationToken.None);
        await bus.Replies.SendAsync(StageQueueNames.StageResults, reply, CancellationToken.None);
        await bus.Replies.SendAsync(StageQueueNames.StageResults, Messages.Reply("q", "Lost."), CancellationToken.None);

        Assert.Equal(2, (await bus.Admin.GetQueueRuntimePropertiesAsync(StageQueueNames.StageResults)).Value.TotalMessageCount);
        var messages = await TestNamespace.TakeAsync(bus.Client.CreateReceiver(StageQueueNames.StageResults), 2);

        Assert.Equal(reply, await bus.Replies.ReadAsync(messages[0], CancellationToken.None));
        Assert.Equal(TimeSpan.MaxValue, messages[0].TimeToLive);
        await Assert.ThrowsAsync<FormatException>(async () => await bus.Replies.ReadAsync(await NonsenseAsync(bus), CancellationToken.None));
    }

    private static async Task<ServiceBusReceivedMessage> NonsenseAsync(TestNamespace bus)
    {
        await bus.Client.CreateSender(StageQueueNames.StageResults).SendMessageAsync(new ServiceBusMessage("nonsense"));
        return await bus.Client.CreateReceiver(StageQueueNames.StageResults).ReceiveMessageAsync();
    }

    private Task Arrived(int count) => TestNamespace.Eventually(() => _received.Count == count, $"{count} replies arrived");

    private ValueTask Take(StageReply reply)
    {
        _received.Enqueue(reply);
        return ValueTask.CompletedTask;
    }
}
