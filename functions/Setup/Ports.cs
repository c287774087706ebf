using Azure.Identity;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Azure.Fleet;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Azure.Storage;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Remote;

namespace ServerlessLoki.Functions.Setup;

/// <summary>The ports on Azure, or on emulators of it.</summary>
public sealed class Ports : IAsyncDisposable
{
    private readonly ServiceBusOptions _options;
    private readonly ContainerAppsFleet? _apps;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _logs;
    private ServiceBusStageQueues? _queues;

    public Ports(FunctionSettings settings, TimeProvider time, ILoggerFactory logs)
    {
        (_time, _logs) = (time, logs);
        _options = new ServiceBusOptions { LockDuration = settings.Lock };
        var credential = new DefaultAzureCredential();
        var storage = new StorageOptions { PayloadContainer = settings.PayloadContainer };
        Storage = settings is { TableServiceUri: { } tables, BlobServiceUri: { } blobs }
            ? StorageAccount.Connect(tables, blobs, credential, storage)
            : StorageAccount.ConnectLocally(settings.StorageConnection!, storage);
        Payloads = new BlobPayloadStore(Storage, time);
        State = new TableStateStore(Storage, Payloads, time);
        Connection = settings.ServiceBusNamespace is { } name
            ? ServiceBusConnection.ToNamespace(name, credential)
            : ServiceBusConnection.ToEmulator(settings.ServiceBusConnection!);
        Sender = new ServiceBusStageSender(Connection, Payloads, _options, time, logs);
        Replies = new ServiceBusReplies(Connection, Payloads, _options, time, logs);
        Keeper = new StageQueueKeeper(Connection, _options, time, logs);
        _apps = settings.IsLocalFleet ? null
            : new ContainerAppsFleet(new FleetOptions { Apps = settings.Fleet }, credential, logs.CreateLogger<ContainerAppsFleet>(), time);
        Fleet = _apps ?? (IFleet)new FixedSlots(settings.Fleet);
    }

    public string Instance { get; } = $"{Environment.MachineName}-{Guid.NewGuid():N}".ToLowerInvariant()[^Math.Min(40, Environment.MachineName.Length + 33)..];

    public StorageAccount Storage { get; }

    public BlobPayloadStore Payloads { get; }

    public TableStateStore State { get; }

    public ServiceBusConnection Connection { get; }

    public ServiceBusStageSender Sender { get; }

    public ServiceBusReplies Replies { get; }

    public StageQueueKeeper Keeper { get; }

    public IFleet Fleet { get; }

    /// <summary>The stage queues; made once, with the engine's translation.</summary>
    public IStageQueues Queues(IStageItems items) =>
        _queues = new ServiceBusStageQueues(Connection, items, Sender, Replies, Payloads, Instance, _options, _time, _logs);

    public async ValueTask DisposeAsync()
    {
        if (_queues is not null)
            await _queues.DisposeAsync();
        await Sender.DisposeAsync();
        await Replies.DisposeAsync();
        await Connection.DisposeAsync();
        _apps?.Dispose();
    }
}
