using System.Collections.Concurrent;
using ServerlessLoki.Nats.Messaging;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.TestUtils;
using static ServerlessLoki.Nats.Tests.Messaging.QueuesUnderTest;

namespace ServerlessLoki.Nats.Tests.Messaging;

public sealed class RepliesTests(NatsFixture nats)
{
    private const string Name = "loki-replies-one.x y";
    private readonly ConcurrentQueue<StageReply> _received = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(40_000)]
    public async Task Send_OpenInbox_ArrivesWhole(int rows)
    {
        await using var it = await OpenAsync();
        await using var inbox = it.Replies.OpenInbox(Name, Take);
        var reply = Messages.Reply("q") with { Rows = [.. Enumerable.Repeat(new OutputRow(1, 0.5f, 0.1f, 0.2f, 0.3f, 0.4f), rows)], Children = 2 };

        await it.Replies.SendAsync(Name, reply, Token);

        Assert.Equal(reply, Assert.Single(_received));
    }

    [Fact]
    public async Task Send_InboxOpensLater_ArrivesStill()
    {
        await using var it = await OpenAsync();
        var sending = it.Replies.SendAsync(Name, Messages.Reply("q"), Token).AsTask();
        await using var inbox = it.Replies.OpenInbox(Name, Take);
        await sending;
        Assert.Single(_received);
    }

    [Fact]
    public async Task Send_InboxGone_IsDropped()
    {
        await using var it = await OpenAsync(new QueueOptions { InboxPatience = TimeSpan.FromMilliseconds(300) });
        await it.Replies.OpenInbox(Name, Take).DisposeAsync();
        await it.Replies.SendAsync(Name, Messages.Reply("q"), Token);
        Assert.Empty(_received);
    }

    [Fact]
    public async Task Inbox_HandlerThrows_ComesAgain()
    {
        await using var it = await OpenAsync();
        var calls = 0;
        await using var inbox = it.Replies.OpenInbox(Name, reply => Interlocked.Increment(ref calls) == 1 ? throw new InvalidOperationException("Not now.") : Take(reply));

        await it.Replies.SendAsync(Name, Messages.Reply("q"), Token);

        Assert.Equal((2, 1), (calls, _received.Count));
    }

    [Fact]
    public async Task Inbox_Nonsense_IsConfirmedAndDropped()
    {
        await using var it = await OpenAsync();
        await using var inbox = it.Replies.OpenInbox(Name, Take);
        await it.Replies.SendAsync(Name, Messages.Reply("first"), Token);
        var subject = new StageSubjects(it.Link.Names).Inbox(Name);

        await it.Link.Connection.RequestAsync<byte[], byte[]>(subject, [1, 2, 3], cancellationToken: Token);

        Assert.Equal("first", Assert.Single(_received).QueryId);
    }

    private async Task<QueuesUnderTest> OpenAsync(QueueOptions? options = null) => new(await nats.UrlAsync(), TimeProvider.System, options);

    private ValueTask Take(StageReply reply)
    {
        _received.Enqueue(reply);
        return ValueTask.CompletedTask;
    }
}
