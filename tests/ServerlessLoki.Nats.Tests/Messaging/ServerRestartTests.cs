using System.Collections.Concurrent;
using ServerlessLoki.Nats.Messaging;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.TestUtils;
using static ServerlessLoki.Nats.Tests.Messaging.QueuesUnderTest;

namespace ServerlessLoki.Nats.Tests.Messaging;

public sealed class ServerRestartTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_KilledAndStartedAgain_KeepsRunsAndServesOn()
    {
        NatsFixture.Require();
        await using var server = await NatsServerProcess.StartAsync();
        await using var it = new QueuesUnderTest(server.Url, TimeProvider.System, new QueueOptions { ExpressAckWait = TimeSpan.FromSeconds(2), DurableAckWait = TimeSpan.FromSeconds(2) });
        var received = new ConcurrentQueue<StageReply>();
        await using var inbox = it.Replies.OpenInbox("loki-replies-one", reply =>
        {
            received.Enqueue(reply);
            return ValueTask.CompletedTask;
        });
        await using var receiver = it.Worker().OpenReceiver(Messages.Stage, static () => { });
        await it.Sender.SendAsync(Messages.Stage, Messages.Message("before"), Token);
        await Arrived(receiver, 1);
        await it.Sender.SendAsync(new("traffic", "waits", "v"), Messages.Message("waits"), Token);

        await server.KillAsync();
        var sending = it.Sender.SendAsync(Messages.Stage, Messages.Message("while"), Token).AsTask();
        var express = it.Sender.SendAsync(Messages.Stage, Messages.Message("express", DateTimeOffset.UtcNow + TimeSpan.FromMinutes(1) - Messages.Arrival), Token).AsTask();
        var replying = it.Replies.SendAsync("loki-replies-one", Messages.Reply("q"), Token).AsTask();
        await server.RunAsync();

        await Task.WhenAll(sending, express, replying);
        var served = new HashSet<string>(StringComparer.Ordinal);
        // Any of them may come twice: a killed server forgets what it has not written.
        await Eventually(
            async () =>
            {
                foreach (var item in Take(receiver))
                {
                    served.Add(FakeItems.MessageOf(item).QueryId);
                    await receiver.CompleteAsync(item, Token);
                }

                return served.Count == 3;
            },
            "all were served");
        Assert.Equal(["before", "express", "while"], served.Order(StringComparer.Ordinal));
        Assert.Equal("q", Assert.Single(received).QueryId);
        await Eventually(
            async () =>
            {
                foreach (var item in Take(receiver))
                    await receiver.CompleteAsync(item, Token);
                return await it.CountAsync("durable") == 1 && await it.CountAsync("express") == 0;
            },
            "all but the waiting one are completed");
    }
}
