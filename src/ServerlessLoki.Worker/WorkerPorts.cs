using Azure.Identity;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Azure.Storage;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Remote;

namespace ServerlessLoki.Worker;

/// <summary>The ports of one worker on Azure, or on emulators of it.</summary>
internal sealed class WorkerPorts : IAsyncDisposable
{
    private readonly ServiceBusConnection _connection;
    private readonly ServiceBusStageSender _sender;
    private readonly ServiceBusReplies _replies;
    private readonly string _worker;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ServiceBusOptions _options;
    private ServiceBusStageQueues? _queues;

    public WorkerPorts(WorkerSettings settings, string worker, TimeProvider time, ILoggerFactory loggers)
    {
        (_worker, _time, _loggers) = (worker, time, loggers);
        _options = new ServiceBusOptions { LockDuration = settings.Lock };
        var credential = new DefaultAzureCredential();
        var storage = new StorageOptions { PayloadContainer = settings.PayloadContainer };
        Storage = settings is { TableServiceUri: { } tables, BlobServiceUri: { } blobs }
            ? StorageAccount.Connect(tables, blobs, credential, storage)
            : StorageAccount.ConnectLocally(settings.StorageConnection!, storage);
        Payloads = new BlobPayloadStore(Storage, time);
        State = new TableStateStore(Storage, Payloads, time);
        _connection = settings.ServiceBusNamespace is { } name
            ? ServiceBusConnection.ToNamespace(name, credential)
            : ServiceBusConnection.ToEmulator(settings.ServiceBusConnection!, settings.ServiceBusAdministration);
        _sender = new ServiceBusStageSender(_connection, Payloads, _options, time, loggers);
        _replies = new ServiceBusReplies(_connection, Payloads, _options, time, loggers);
    }

    public StorageAccount Storage { get; }

    public IPayloadStore Payloads { get; }

    public IStateStore State { get; }

    public IStageReplies Replies => _replies;

    /// <summary>The stage queues; made once, with the engine's translation.</summary>
    public IStageQueues Queues(IStageItems items) =>
        _queues = new ServiceBusStageQueues(_connection, items, _sender, _replies, Payloads, _worker, _options, _time, _loggers);

    public async ValueTask DisposeAsync()
    {
        // What is still held is given back before the connection goes.
        if (_queues is not null)
            await _queues.DisposeAsync();
        await _sender.DisposeAsync();
        await _replies.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
