using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Remote;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Azure.Tests.ServiceBus;

/// <summary>A namespace of its own on the stand-in's broker, on a clock that the test moves; skips where the real package is built in.</summary>
internal sealed class TestNamespace : IAsyncDisposable
{
    public static readonly StageKey Stage = new("traffic", "detect", "detect-n");
    private readonly List<IAsyncDisposable> _owned = [];

    public TestNamespace(ServiceBusOptions? options = null)
    {
        SkipIfReal();
        var name = Guid.NewGuid().ToString("N");
        AppContext.SetData($"Azure.Messaging.ServiceBus.StandIn.TimeProvider/{name}", Time);
        ConnectionString = $"Endpoint=sb://inprocess/{name};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true";
        Options = options ?? new ServiceBusOptions();
        Admin = new ServiceBusAdministrationClient(ConnectionString);
        Client = new ServiceBusClient(ConnectionString);
        Connection = ServiceBusConnection.ToEmulator(ConnectionString);
        Replies = new ServiceBusReplies(Connection, Payloads, Options, Time, NullLoggerFactory.Instance);
        Sender = new ServiceBusStageSender(Connection, Payloads, Options, Time, NullLoggerFactory.Instance);
        Keeper = new StageQueueKeeper(Connection, Options, Time, NullLoggerFactory.Instance);
    }

    public ManualTime Time { get; } = new();

    public string ConnectionString { get; }

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

    public static void SkipIfReal()
    {
        if (typeof(ServiceBusClient).Assembly.GetType("Azure.Messaging.ServiceBus.Broker.MessageBroker") is null)
            Assert.Skip("These tests need the broker of the Service Bus stand-in; here the real package is built in.");
    }

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

    /// <summary>Moves the clock in steps, giving timers and those who wait for them turns, until it holds.</summary>
    public Task Passing(TimeSpan step, Func<Task<bool>> holds, string what) => Eventually(
        async () =>
        {
            Time.Advance(step);
            await Task.Delay(1);
            return await holds();
        },
        what);

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned)
            await owned.DisposeAsync();
        await Sender.DisposeAsync();
        await Replies.DisposeAsync();
        await Connection.DisposeAsync();
        await Client.DisposeAsync();
    }
}
