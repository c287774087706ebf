using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Azure.Storage;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.Setup;

/// <summary>Ports of one process on Azure, or on emulators of Azure.</summary>
public sealed class AzurePorts : IAsyncDisposable
{
    private const string PipelineFile = "pipeline.json";
    private readonly AzureSettings _settings;
    private readonly ServiceBusConnection _connection;
    private readonly ServiceBusOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private ServiceBusStageQueues? _queues;

    /// <summary>Makes the clients; none of them makes a call yet.</summary>
    /// <param name="settings">Addresses of the services.</param>
    /// <param name="time">Clock.</param>
    /// <param name="loggers">Loggers for faults.</param>
    public AzurePorts(AzureSettings settings, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (_settings, _time, _loggers) = (settings, time, loggers);
        _options = new ServiceBusOptions { LockDuration = settings.Lock };
        var storage = new StorageOptions { PayloadContainer = settings.PayloadContainer };
        Storage = settings is { TableServiceUri: { } tables, BlobServiceUri: { } blobs }
            ? StorageAccount.Connect(tables, blobs, Credential, storage)
            : StorageAccount.ConnectLocally(settings.StorageConnection!, storage);
        Payloads = new BlobPayloadStore(Storage, time);
        State = new TableStateStore(Storage, Payloads, time);
        _connection = settings.ServiceBusNamespace is { } name
            ? ServiceBusConnection.ToNamespace(name, Credential)
            : ServiceBusConnection.ToEmulator(settings.ServiceBusConnection!, settings.ServiceBusAdministration);
        Sender = new ServiceBusStageSender(_connection, Payloads, _options, time, loggers);
        Replies = new ServiceBusReplies(_connection, Payloads, _options, time, loggers);
        Demand = new DemandSignal(_connection, time);
        Keeper = new StageQueueKeeper(_connection, _options, time, loggers);
    }

    /// <summary>Name of this process: readable and never used before, since a container that starts again has the same machine name.</summary>
    public string Owner { get; } =
        $"{Environment.MachineName[..Math.Min(Environment.MachineName.Length, 40)]}-{Guid.NewGuid().ToString("N")[..12]}".ToLowerInvariant();

    /// <summary>Identity of the process on Azure.</summary>
    public TokenCredential Credential { get; } = new DefaultAzureCredential();

    /// <summary>Storage account of the process.</summary>
    public StorageAccount Storage { get; }

    /// <summary>Payload store for claim checks.</summary>
    public BlobPayloadStore Payloads { get; }

    /// <summary>State store for plan, leases, demand and runs.</summary>
    public TableStateStore State { get; }

    /// <summary>Sender of stage messages.</summary>
    public ServiceBusStageSender Sender { get; }

    /// <summary>Replies of workers.</summary>
    public ServiceBusReplies Replies { get; }

    /// <summary>Signal of demand for the platform's scaler.</summary>
    public DemandSignal Demand { get; }

    /// <summary>Manager that creates and deletes stage queues.</summary>
    public StageQueueKeeper Keeper { get; }

    /// <summary>Returns the stage queues; made once, with the engine's conversion.</summary>
    public IStageQueues Queues(IStageItems items) =>
        _queues = new ServiceBusStageQueues(_connection, items, Sender, Replies, Payloads, Owner, _options, _time, _loggers);

    /// <summary>Returns the pipeline files: those of the models container, downloaded to a folder, or those of the folder itself where no
    /// container is set.</summary>
    /// <param name="folder">Local folder.</param>
    /// <param name="wanted">Selects the files to download with them, by name in the container; null = all.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Paths of the pipeline files, by name.</returns>
    /// <exception cref="FileNotFoundException">There are none.</exception>
    public async Task<IReadOnlyList<string>> PipelineFilesAsync(string folder, Func<string, bool>? wanted, CancellationToken cancellationToken)
    {
        var files = _settings.ModelsContainer is { } container
            ? await new ModelContainer(Storage, container).DownloadAsync(folder, wanted, cancellationToken)
            : [.. Directory.EnumerateDirectories(folder).Select(static d => Path.Combine(d, PipelineFile)).Where(File.Exists).Order(StringComparer.Ordinal)];
        return files.Count > 0
            ? files
            : throw new FileNotFoundException($"No folder of {_settings.ModelsContainer ?? folder} has a {PipelineFile}: there is nothing to serve.");
    }

    /// <summary>Returns all held messages, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_queues is not null)
            await _queues.DisposeAsync();
        await Sender.DisposeAsync();
        await Replies.DisposeAsync();
        await Demand.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
