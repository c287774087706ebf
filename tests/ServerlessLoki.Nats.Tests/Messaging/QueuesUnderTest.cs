using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Nats.Messaging;
using ServerlessLoki.Nats.Storage;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Nats.Tests.Messaging;

/// <summary>Queues of their own on a real server.</summary>
internal sealed class QueuesUnderTest : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _open = [];
    private readonly NatsOptions _nats;
    private readonly TimeProvider _time;

    public QueuesUnderTest(string url, TimeProvider time, QueueOptions? options = null)
    {
        _nats = new NatsOptions { Url = url, Prefix = NatsFixture.UniquePrefix() };
        (_time, Options) = (time, options ?? new QueueOptions());
        Link = Open("sender");
        Payloads = new NatsPayloadStore(Link);
        Sender = new NatsStageSender(Link, Payloads, Options, time, NullLoggerFactory.Instance);
        Replies = new NatsReplies(Link, Payloads, Options, time, NullLoggerFactory.Instance);
        Keeper = new StageQueueKeeper(Link, Options, NullLoggerFactory.Instance);
    }

    public QueueOptions Options { get; }

    public NatsLink Link { get; }

    public NatsPayloadStore Payloads { get; }

    public NatsStageSender Sender { get; }

    public NatsReplies Replies { get; }

    public StageQueueKeeper Keeper { get; }

    public FakeItems Items { get; } = new();

    /// <summary>Queues of a process with a connection of its own.</summary>
    public NatsStageQueues Worker()
    {
        var link = Open("worker");
        var payloads = new NatsPayloadStore(link);
        var queues = new NatsStageQueues(
            link, Items, new NatsStageSender(link, payloads, Options, _time, NullLoggerFactory.Instance), Replies, payloads, Options, _time, NullLoggerFactory.Instance);
        _open.Insert(0, queues);
        return queues;
    }

    /// <summary>A consumer of the stage, as a process has one that says nothing any more.</summary>
    public async Task<INatsJSConsumer> ConsumerAsync(QueueKind kind)
    {
        await Keeper.EnsureAsync([Messages.Stage], CancellationToken.None);
        return await Link.JetStream.GetConsumerAsync($"{_nats.Prefix}-{(kind == QueueKind.Express ? "express" : "durable")}", StageSubjects.Consumer(Messages.Stage));
    }

    /// <summary>Messages in a stream: <c>express</c>, <c>durable</c> or <c>dead</c>.</summary>
    public async Task<long> CountAsync(string stream)
    {
        try
        {
            return (await Link.JetStream.GetStreamAsync($"{_nats.Prefix}-{stream}", new StreamInfoRequest())).Info.State.Messages;
        }
        catch (NatsJSApiException e) when (e.Error.Code == 404)
        {
            return 0;
        }
    }

    /// <summary>First message of a stream.</summary>
    public async Task<StoredMessage> FirstAsync(string stream) =>
        (await (await Link.JetStream.GetStreamAsync($"{_nats.Prefix}-{stream}")).GetAsync(new StreamMsgGetRequest { Seq = 1 })).Message;

    public static async Task Eventually(Func<Task<bool>> condition, string what)
    {
        for (var tries = 0; !await condition(); tries++)
        {
            Assert.True(tries < 3000, $"It took more than half a minute until {what}.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public static Task Eventually(Func<bool> condition, string what) => Eventually(() => Task.FromResult(condition()), what);

    public static Task Arrived(IStageReceiver receiver, int count) => Eventually(() => receiver.Count == count, $"{count} items are at hand, not {receiver.Count}");

    public static List<StageItem> Take(IStageReceiver receiver, int max = int.MaxValue)
    {
        var items = new List<StageItem>();
        receiver.Take(max, items);
        return items;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var open in _open)
            await open.DisposeAsync();
    }

    private NatsLink Open(string name)
    {
        var link = new NatsLink(_nats, name, NullLoggerFactory.Instance);
        _open.Add(link);
        return link;
    }
}
