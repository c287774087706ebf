using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.LocalCloud.ServiceBus;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Azure.Tests.ServiceBus;

/// <summary>A namespace of its own on the local broker, on a clock that the test moves for the broker and the product alike.</summary>
/// <remarks>The client in between goes by real time: how long a receive waits, and when it tries again.</remarks>
internal sealed class TestNamespace : IAsyncDisposable
{
    public static readonly StageKey Stage = new("traffic", "detect", "detect-n");
    private readonly List<IAsyncDisposable> _owned = [];

    private readonly LocalServiceBus _broker;

    private TestNamespace(LocalServiceBus broker, FakeTimeProvider time, ServiceBusOptions options)
    {
        (_broker, Time, Options) = (broker, time, options);
        Admin = new ServiceBusAdministrationClient(broker.AdministrationConnectionString);
        Client = new ServiceBusClient(broker.ConnectionString);
        Connection = Connect();
        Replies = new ServiceBusReplies(Connection, Payloads, Options, Time, NullLoggerFactory.Instance);
        Sender = new ServiceBusStageSender(Connection, Payloads, Options, Time, NullLoggerFactory.Instance);
        Keeper = new StageQueueKeeper(Connection, Options, Time, NullLoggerFactory.Instance);
    }

    public FakeTimeProvider Time { get; }

    public ServiceBusOptions Options { get; }

    public MemoryPayloads Payloads { get; } = new();

    public FakeItems Items { get; } = new();

    public ServiceBusAdministrationClient Admin { get; }

    public ServiceBusClient Client { get; }

    public ServiceBusConnection Connection { get; }

    public ServiceBusReplies Replies { get; }

    public ServiceBusStageSender Sender { get; }

    public StageQueueKeeper Keeper { get; }

    public static string Queue => StageQueueNames.Of(Stage);

    public static async Task<TestNamespace> StartAsync(ServiceBusOptions? options = null)
    {
        var time = new FakeTimeProvider(Messages.Arrival);
        var broker = await LocalServiceBus.StartAsync(
            new LocalServiceBusOptions { AmqpPort = 0, AdministrationPort = 0, Time = time }, TestContext.Current.CancellationToken);
        return new TestNamespace(broker, time, options ?? new ServiceBusOptions());
    }

    /// <summary>Another connection of the product.</summary>
    public ServiceBusConnection Connect() => ServiceBusConnection.ToEmulator(_broker.ConnectionString, _broker.AdministrationConnectionString);

    /// <summary>What one worker process has.</summary>
    public ServiceBusStageQueues Worker(string name = "worker")
    {
        var queues = new ServiceBusStageQueues(Connection, Items, Sender, Replies, Payloads, name, Options, Time, NullLoggerFactory.Instance);
        _owned.Add(queues);
        return queues;
    }

    public ServiceBusReceiver DeadLetters() => Client.CreateReceiver(Queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });

    public async Task<QueueRuntimeProperties> CountsAsync() => (await Admin.GetQueueRuntimePropertiesAsync(Queue)).Value;

    /// <summary>An inbox whose queue is there already.</summary>
    public async Task<IAsyncDisposable> OpenInboxAsync(string name, Func<StageReply, ValueTask> received)
    {
        var inbox = Replies.OpenInbox(name, received);
        await Eventually(async () => (await Admin.QueueExistsAsync(name)).Value, "the inbox was made");
        return inbox;
    }

    /// <summary>So many messages; one receive may give fewer.</summary>
    public static async Task<List<ServiceBusReceivedMessage>> TakeAsync(ServiceBusReceiver receiver, int count)
    {
        var taken = new List<ServiceBusReceivedMessage>();
        while (taken.Count < count)
        {
            var more = await receiver.ReceiveMessagesAsync(count - taken.Count);
            Assert.NotEmpty(more);
            taken.AddRange(more);
        }

        return taken;
    }

    /// <summary>Waits for what other threads do; a minute is far beyond what a busy machine needs.</summary>
    public static async Task Eventually(Func<Task<bool>> holds, string what)
    {
        for (var i = 0; i < 6000; i++)
        {
            if (await holds())
                return;
            await Task.Delay(10);
        }

        Assert.Fail($"It never came to this: {what}.");
    }

    public static Task Eventually(Func<bool> holds, string what) => Eventually(() => Task.FromResult(holds()), what);

    /// <summary>Moves the clock in steps, giving those who wait for it turns, until it holds.</summary>
    public Task Passing(TimeSpan step, Func<Task<bool>> holds, string what) => Eventually(
        async () =>
        {
            Time.Advance(step);
            await TurnAsync();
            return await holds();
        },
        what);

    /// <summary>As long as a few calls to the broker take, so that others who call it at a step of the clock are done before the next:
    /// on a busy machine that is longer.</summary>
    private async Task TurnAsync()
    {
        for (var i = 0; i < 5; i++)
        {
            await Task.Delay(1);
            await Admin.QueueExistsAsync(Queue);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned)
            await owned.DisposeAsync();
        await Sender.DisposeAsync();
        await Replies.DisposeAsync();
        await Connection.DisposeAsync();
        await Client.DisposeAsync();
        await _broker.DisposeAsync();
    }
}
