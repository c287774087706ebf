using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using Microsoft.Extensions.Time.Testing;

namespace ServerlessLoki.LocalCloud.ServiceBus.Tests;

/// <summary>A broker of its own in this process, on a clock that the test moves, and the unmodified clients.</summary>
internal sealed class TestBus : IAsyncDisposable
{
    public const string Queue = "work";

    private TestBus(LocalServiceBus broker, FakeTimeProvider time)
    {
        (Broker, Time) = (broker, time);
        Client = new ServiceBusClient(broker.ConnectionString);
        Admin = new ServiceBusAdministrationClient(broker.AdministrationConnectionString);
    }

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public LocalServiceBus Broker { get; }

    public FakeTimeProvider Time { get; }

    public ServiceBusClient Client { get; }

    public ServiceBusAdministrationClient Admin { get; }

    public ServiceBusReceiver Receiver => field ??= Client.CreateReceiver(Queue);

    public ServiceBusSender Sender => field ??= Client.CreateSender(Queue);

    public ServiceBusReceiver DeadLetters => field ??= Client.CreateReceiver(Queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });

    public static async Task<TestBus> WithoutQueueAsync()
    {
        var time = new FakeTimeProvider();
        return new TestBus(await LocalServiceBus.StartAsync(new LocalServiceBusOptions { AmqpPort = 0, AdministrationPort = 0, Time = time }, Stop), time);
    }

    public static async Task<TestBus> WithQueueAsync(Action<CreateQueueOptions>? configure = null)
    {
        var bus = await WithoutQueueAsync();
        var options = new CreateQueueOptions(Queue) { LockDuration = TimeSpan.FromSeconds(30), MaxDeliveryCount = 3 };
        configure?.Invoke(options);
        await bus.Admin.CreateQueueAsync(options, Stop);
        return bus;
    }

    public Task SendAsync(string body) => Sender.SendMessageAsync(new ServiceBusMessage(body) { MessageId = body }, Stop);

    /// <summary>So many messages, however long they take to come.</summary>
    public async Task<List<ServiceBusReceivedMessage>> TakeAsync(int count, ServiceBusReceiver? receiver = null)
    {
        var taken = new List<ServiceBusReceivedMessage>();
        while (taken.Count < count)
        {
            var more = await (receiver ?? Receiver).ReceiveMessagesAsync(count - taken.Count, TimeSpan.FromSeconds(60), Stop);
            Assert.True(more.Count > 0, $"{taken.Count} of {count} messages came.");
            taken.AddRange(more);
        }

        return taken;
    }

    public async Task<ServiceBusReceivedMessage> TakeOneAsync(ServiceBusReceiver? receiver = null) => Assert.Single(await TakeAsync(1, receiver));

    /// <summary>Waits a little while for what must not come.</summary>
    public async Task NothingComesAsync(ServiceBusReceiver? receiver = null) =>
        Assert.Null(await (receiver ?? Receiver).ReceiveMessageAsync(TimeSpan.FromMilliseconds(300), Stop));

    public async Task<QueueRuntimeProperties> CountsAsync() => (await Admin.GetQueueRuntimePropertiesAsync(Queue, Stop)).Value;

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Broker.DisposeAsync();
    }
}
