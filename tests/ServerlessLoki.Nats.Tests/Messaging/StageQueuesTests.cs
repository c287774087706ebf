using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Nats.Messaging;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.TestUtils;
using static ServerlessLoki.Nats.Tests.Messaging.QueuesUnderTest;

namespace ServerlessLoki.Nats.Tests.Messaging;

public sealed class StageQueuesTests(NatsFixture nats)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // The server's clock goes on where the worker's stands still: on a busy machine nothing may come again meanwhile.
    private static readonly QueueOptions s_patient = new() { ExpressAckWait = TimeSpan.FromMinutes(5), DurableAckWait = TimeSpan.FromMinutes(5) };
    private readonly FakeTimeProvider _time = new(Messages.Arrival);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_Items_ArriveWholeAndEarliestDeadlineFirst()
    {
        await using var it = await OpenAsync();
        var queues = it.Worker();
        var signals = 0;
        await using var receiver = queues.OpenReceiver(Messages.Stage, () => Interlocked.Increment(ref signals));
        await SendAsync(queues, "run", null);
        await SendAsync(queues, "late", 4 * Minute);
        await SendAsync(queues, "soon", 3 * Minute);

        await Arrived(receiver, 3);
        Assert.Equal((Messages.Arrival + (3 * Minute)).ToUnixTimeMilliseconds() * 1000, receiver.HeadOrderUs);
        var items = Take(receiver);

        Assert.Equal(["soon", "late", "run"], items.Select(static i => FakeItems.MessageOf(i).QueryId));
        Assert.Equal(Messages.Message("soon", 3 * Minute), FakeItems.MessageOf(items[0]));
        Assert.Equal((0, long.MaxValue), (receiver.Count, receiver.HeadOrderUs));
        await Eventually(() => Volatile.Read(ref signals) > 0, "somebody was told that items arrived");
    }

    [Theory]
    [InlineData(3, "express")]
    [InlineData(6, "durable")]
    [InlineData(null, "durable")]
    public async Task Complete_Item_IsGoneForGood(int? minutes, string stream)
    {
        await using var it = await OpenAsync();
        var queues = it.Worker();
        await using var receiver = queues.OpenReceiver(Messages.Stage, static () => { });
        await SendAsync(queues, "a", minutes * Minute);
        await Arrived(receiver, 1);
        Assert.Equal(1, await it.CountAsync(stream));

        await receiver.CompleteAsync(Assert.Single(Take(receiver)), Token);

        await Eventually(async () => await it.CountAsync(stream) == 0, "the message was gone");
    }

    [Fact]
    public async Task Send_LargeBody_TravelsByPayloadStoreAndLeavesNothing()
    {
        await using var it = await OpenAsync();
        var queues = it.Worker();
        var message = Messages.Message("a", Minute, payloadBytes: 1_200_000);
        await it.Sender.SendAsync(Messages.Stage, message, Token);
        await using var receiver = queues.OpenReceiver(Messages.Stage, static () => { });
        await Arrived(receiver, 1);
        var item = Assert.Single(Take(receiver));
        Assert.Equal(message, FakeItems.MessageOf(item));
        await receiver.CompleteAsync(item, Token);
        var bucket = $"OBJ_{it.Link.Options.Prefix}-payloads";
        await Eventually(async () => (await it.Link.JetStream.GetStreamAsync(bucket, cancellationToken: Token)).Info.State.Messages == 0, "the body was deleted");
    }

    [Fact]
    public async Task Abandon_Item_ComesAgainWithOneAttemptMore()
    {
        await using var it = await OpenAsync();
        var queues = it.Worker();
        await using var receiver = queues.OpenReceiver(Messages.Stage, static () => { });
        await SendAsync(queues, "a", Minute);
        await Arrived(receiver, 1);

        await receiver.AbandonAsync(Take(receiver)[0], Token);

        await Arrived(receiver, 1);
        Assert.Equal(1, Assert.Single(Take(receiver)).Attempts);
    }

    [Fact]
    public async Task Window_LargerQueue_HoldsOneBatchAndLeavesTheRestToOthers()
    {
        await using var it = await OpenAsync(s_patient with { FirstWindow = 3 });
        var (first, second) = (it.Worker(), it.Worker());
        for (var i = 0; i < 8; i++)
            await SendAsync(first, $"{i}", Minute);
        await using var one = first.OpenReceiver(Messages.Stage, static () => { });
        await Arrived(one, 3);
        await using var other = second.OpenReceiver(Messages.Stage, static () => { });
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
        await using var it = await OpenAsync();
        var queues = it.Worker();
        var receiver = queues.OpenReceiver(Messages.Stage, static () => { });
        await SendAsync(queues, "a", Minute);
        await SendAsync(queues, "b", 2 * Minute);
        await Arrived(receiver, 2);
        var taken = Assert.Single(Take(receiver, 1));

        await receiver.DisposeAsync();
        await using var next = it.Worker().OpenReceiver(Messages.Stage, static () => { });
        await Arrived(next, 1);
        await receiver.CompleteAsync(taken, Token);

        Assert.Equal("b", FakeItems.MessageOf(Assert.Single(Take(next))).QueryId);
        await Eventually(async () => await it.CountAsync("express") == 1, "one was completed");
    }

    [Fact]
    public async Task Stop_BatchInHand_IsGivenBackAtOnce()
    {
        await using var it = await OpenAsync();
        var stopping = it.Worker();
        var receiver = stopping.OpenReceiver(Messages.Stage, static () => { });
        await SendAsync(stopping, "a", Minute);
        await Arrived(receiver, 1);
        Take(receiver);

        await stopping.DisposeAsync();

        await using var next = it.Worker().OpenReceiver(Messages.Stage, static () => { });
        await Arrived(next, 1);
        // Not its attempts: a server of 2.9 counts a delivery anew where no pull waited when the message came back.
        Assert.Equal("a", FakeItems.MessageOf(Assert.Single(Take(next))).QueryId);
    }

    [Fact]
    public async Task Worker_Dies_ItsMessagesComeToAnother()
    {
        await using var it = await OpenAsync(new QueueOptions { ExpressAckWait = TimeSpan.FromSeconds(5) });
        await it.Sender.SendAsync(Messages.Stage, Messages.Message("a", Minute), Token);
        // A process that is killed neither prolongs nor gives back.
        Assert.NotNull(await (await it.ConsumerAsync(QueueKind.Express)).NextAsync<byte[]>(cancellationToken: Token));

        await using var receiver = it.Worker().OpenReceiver(Messages.Stage, static () => { });
        await Arrived(receiver, 1);

        Assert.Equal(1, Take(receiver)[0].Attempts);
    }

    [Fact]
    public async Task BatchRunsLong_MessagesAreProlonged()
    {
        var options = new QueueOptions { ExpressAckWait = TimeSpan.FromSeconds(6), DurableAckWait = TimeSpan.FromSeconds(6) };
        // On the real clock: the server's has to go on.
        await using var it = new QueuesUnderTest(await nats.UrlAsync(), TimeProvider.System, options);
        var receiver = it.Worker().OpenReceiver(Messages.Stage, static () => { });
        await using var other = it.Worker().OpenReceiver(Messages.Stage, static () => { });
        await it.Sender.SendAsync(Messages.Stage, Messages.Message("run"), Token);
        await Eventually(() => receiver.Count + other.Count == 1, "it came");
        var (holder, idle) = receiver.Count == 1 ? (receiver, other) : (other, receiver);
        var item = Take(holder)[0];
        await Task.Delay(TimeSpan.FromSeconds(8), Token);
        Assert.Equal((0, 0), (holder.Count, idle.Count));
        await holder.CompleteAsync(item, Token);
        await Eventually(async () => await it.CountAsync("durable") == 0, "it was completed");
        await receiver.DisposeAsync();
    }

    [Fact]
    public async Task Send_SameWorkTwice_IsServedOnce()
    {
        await using var it = await OpenAsync();
        await it.Sender.SendAsync(Messages.Stage, Messages.Message("a", Minute), Token);
        await it.Sender.SendAsync(Messages.Stage, Messages.Message("a", Minute), Token);
        await it.Sender.SendAsync(Messages.Stage, Messages.Message("b", Minute), Token);

        Assert.Equal(2, await it.CountAsync("express"));
    }

    [Fact]
    public async Task Receive_LongAfterTheDeadline_IsDropped()
    {
        await using var it = await OpenAsync();
        await it.Sender.SendAsync(Messages.Stage, Messages.Message("old", TimeSpan.FromSeconds(2)), Token);
        await it.Sender.SendAsync(Messages.Stage, Messages.Message("new", Minute), Token);
        await it.Sender.SendAsync(Messages.Stage, Messages.Message("run"), Token);
        _time.Advance(TimeSpan.FromSeconds(4));

        await using var receiver = it.Worker().OpenReceiver(Messages.Stage, static () => { });
        await Arrived(receiver, 2);

        Assert.Equal(["new", "run"], Take(receiver).Select(static i => FakeItems.MessageOf(i).QueryId));
        await Eventually(async () => await it.CountAsync("express") == 1, "the old one was dropped");
    }

    [Fact]
    public async Task Receive_UnreadableMessage_FailsItsQueryAndIsKeptAsADeadLetter()
    {
        await using var it = await OpenAsync();
        it.Items.Refused.Add("bad");
        var told = new TaskCompletionSource<StageReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var inbox = it.Replies.OpenInbox("loki-replies-test", reply =>
        {
            told.TrySetResult(reply);
            return ValueTask.CompletedTask;
        });
        await it.Sender.SendAsync(Messages.Stage, Messages.Message("bad", Minute), Token);
        await using var receiver = it.Worker().OpenReceiver(Messages.Stage, static () => { });

        var reply = await told.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);

        Assert.Equal(("bad", Messages.Message("bad").Credit), (reply.QueryId, reply.Credit));
        Assert.Contains("Task 'x' is unknown.", reply.Failure!.Error, StringComparison.Ordinal);
        await Eventually(async () => await it.CountAsync("dead") == 1 && await it.CountAsync("express") == 0, "it was put aside");
        Assert.Contains("Loki-Reason: Task%20%27x%27%20is%20unknown.", System.Text.Encoding.ASCII.GetString(Convert.FromBase64String((await it.FirstAsync("dead")).Hdrs!)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Receive_DeliveredTooOften_IsKeptAsADeadLetter()
    {
        await using var it = await OpenAsync(new QueueOptions { MaxDeliveries = 2 });
        await using var inbox = it.Replies.OpenInbox("loki-replies-test", static _ => ValueTask.CompletedTask);
        var queues = it.Worker();
        await using var receiver = queues.OpenReceiver(Messages.Stage, static () => { });
        await SendAsync(queues, "a", Minute);
        for (var i = 0; i < 2; i++)
        {
            await Arrived(receiver, 1);
            await receiver.AbandonAsync(Take(receiver)[0], Token);
        }

        await Eventually(async () => await it.CountAsync("dead") == 1 && await it.CountAsync("express") == 0, "it was put aside");
        Assert.Equal(0, receiver.Count);
    }

    private async Task<QueuesUnderTest> OpenAsync(QueueOptions? options = null) => new(await nats.UrlAsync(), _time, options ?? s_patient);

    private static ValueTask SendAsync(NatsStageQueues queues, string query, TimeSpan? due) =>
        queues.SendAsync(Messages.Stage, FakeItems.Item(Messages.Message(query, due)), Token);
}
