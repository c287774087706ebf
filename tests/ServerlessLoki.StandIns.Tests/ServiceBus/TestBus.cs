using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using Azure.Messaging.ServiceBus.Broker;

namespace ServerlessLoki.StandIns.Tests.ServiceBus;

/// <summary>A broker of its own in this process, on a clock that the test moves.</summary>
internal sealed class TestBus : IAsyncDisposable
{
    public const string Queue = "work";

    public TestBus()
    {
        var name = Guid.NewGuid().ToString("N");
        AppContext.SetData(BrokerAddress.ClockKey + name, Time);
        ConnectionString = $"Endpoint=sb://inprocess/{name};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true";
        Client = new ServiceBusClient(ConnectionString);
        Admin = new ServiceBusAdministrationClient(ConnectionString);
    }

    public ManualTime Time { get; } = new();

    public string ConnectionString { get; }

    public ServiceBusClient Client { get; }

    public ServiceBusAdministrationClient Admin { get; }

    public ServiceBusReceiver Receiver => field ??= Client.CreateReceiver(Queue);

    public ServiceBusSender Sender => field ??= Client.CreateSender(Queue);

    public ServiceBusReceiver DeadLetters => field ??= Client.CreateReceiver(Queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });

    public static async Task<TestBus> WithQueueAsync(Action<CreateQueueOptions>? configure = null)
    {
        var bus = new TestBus();
        var options = new CreateQueueOptions(Queue) { LockDuration = TimeSpan.FromSeconds(30), MaxDeliveryCount = 3 };
        configure?.Invoke(options);
        await bus.Admin.CreateQueueAsync(options);
        return bus;
    }

    public Task SendAsync(string body) => Sender.SendMessageAsync(new ServiceBusMessage(body) { MessageId = body });

    /// <summary>What is there now, without waiting.</summary>
    public async Task<IReadOnlyList<ServiceBusReceivedMessage>> TakeAsync(ServiceBusReceiver? receiver = null, int max = 10)
    {
        var receiving = (receiver ?? Receiver).ReceiveMessagesAsync(max, TimeSpan.FromMilliseconds(1));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        return await receiving;
    }

    public async Task<QueueRuntimeProperties> CountsAsync() => (await Admin.GetQueueRuntimePropertiesAsync(Queue)).Value;

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
