using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using ServerlessLoki.Azure.Storage;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.TestUtils;
using global::Azure.Messaging.ServiceBus;
using global::Azure.Messaging.ServiceBus.Administration;
using global::Azure.Storage.Blobs.Models;

namespace ServerlessLoki.Azure.EndToEnd.Tests.Setup;

/// <summary>The whole system on this machine: Azurite, broker, Functions host with the app, and workers, each a process of its own.</summary>
internal sealed partial class TestSystem : IAsyncDisposable
{
    /// <summary>One for each task of the sample.</summary>
    public const int Slots = 3;

    /// <summary>A run whose host is killed goes on when the locks of that host have expired.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private const string DurableStorage = "AzureFunctionsJobHost__extensions__durableTask__storageProvider__";
    private readonly string _folder = Directory.CreateTempSubdirectory("loki-e2e-").FullName;
    private readonly int _brokerPorts = FixedPorts.Free(count: 2);
    private AppProcess? _broker;
    private (string Connection, string Administration)? _bus;
    private AppProcess? _host;
    private AppProcess? _worker;
    private Uri? _workerStatus;
    private StorageAccount? _storage;

    public AzuriteProcess Azurite { get; private set; } = null!;

    /// <summary>Between the apps and Azurite's tables.</summary>
    public StorageProxy Tables { get; private set; } = null!;

    /// <summary>Between the apps and Azurite's blobs.</summary>
    public StorageProxy Blobs { get; private set; } = null!;

    /// <summary>The state as the apps see it, without the proxy.</summary>
    public TableStateStore State { get; private set; } = null!;

    public BlobPayloadStore Payloads { get; private set; } = null!;

    public ServiceBusClient Bus { get; private set; } = null!;

    public ServiceBusAdministrationClient Queues { get; private set; } = null!;

    /// <summary>Of the Function app.</summary>
    public HttpClient Http { get; private set; } = null!;

    public string ModelFolder => Path.Combine(_folder, "models");

    public static async Task<TestSystem> StartAsync(CancellationToken cancellationToken)
    {
        Assert.SkipWhen(AzuriteProcess.Missing is not null, AzuriteProcess.Missing ?? "");
        var system = new TestSystem();
        try
        {
            await system.BeginAsync(cancellationToken);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the Functions host with the app, again after <see cref="KillHostAsync"/>: on the same state, at another address.</summary>
    public async Task StartHostAsync(CancellationToken cancellationToken)
    {
        _host = AppProcess.Start("ServerlessLoki.LocalCloud.FunctionsHost", Settings(), "--app", AppProcess.FolderOf("ServerlessLoki.Functions"), "--port", "0");
        Http = new HttpClient { BaseAddress = new Uri(await _host.SaysAsync("ready:", cancellationToken)), Timeout = Patience };
    }

    public async Task KillHostAsync()
    {
        await _host!.KillAsync();
        Http.Dispose();
    }

    /// <summary>Starts the broker, again after <see cref="KillBrokerAsync"/>: on the same messages, at the same address.</summary>
    public async Task StartBrokerAsync(CancellationToken cancellationToken)
    {
        _broker = AppProcess.Start(
            "ServerlessLoki.LocalCloud.ServiceBus", new Dictionary<string, string>(), "--amqp-port", $"{_brokerPorts}", "--admin-port", $"{_brokerPorts + 1}", "--data", Path.Combine(_folder, "bus"));
        _bus = (await _broker.SaysAsync("ServiceBus=", cancellationToken), await _broker.SaysAsync("ServiceBus__administration=", cancellationToken));
    }

    public Task KillBrokerAsync() => _broker!.KillAsync();

    /// <summary>Overwrites all payloads with what nobody can read.</summary>
    public async Task SpoilPayloadsAsync(CancellationToken cancellationToken)
    {
        var container = _storage!.Blobs.GetBlobContainerClient(_storage.Options.PayloadContainer);
        await foreach (var blob in container.GetBlobsAsync(BlobTraits.None, BlobStates.None, null, cancellationToken))
            await container.GetBlobClient(blob.Name).UploadAsync(BinaryData.FromString("no picture"), overwrite: true, cancellationToken);
    }

    /// <summary>Waits until the plan is served.</summary>
    public Task ReadyAsync(CancellationToken cancellationToken) => EventuallyAsync(
        async () =>
        {
            using var response = await Http.GetPathAsync("/v2/health/ready");
            return response.StatusCode == HttpStatusCode.OK;
        },
        "the app is ready", cancellationToken);

    /// <summary>Waits for what other processes do.</summary>
    public async Task EventuallyAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        Exception? last = null;
        do
        {
            try
            {
                if (await condition())
                    return;
                last = null;
            }
            catch (HttpRequestException exception)
            {
                last = exception;
            }

            try
            {
                await look.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"It never came that {what}.{Environment.NewLine}{Logs()}{Environment.NewLine}Plan: {await State.FindDocumentAsync("plan", cancellationToken)}", last ?? exception);
            }
        }
        while (true);
    }

    /// <summary>Starts again what a test that failed left stopped, so that the next one fails of its own faults only.</summary>
    /// <exception cref="Xunit.Sdk.XunitException">A process ended that no test stopped or killed.</exception>
    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        AppProcess[] ended = [.. ((AppProcess[])[_broker!, _host!, _worker!]).Where(p => p.HasExited || p.IsSuspended)];
        var isWhole = Azurite.IsRunning && ended.Length == 0;
        Tables.Fault = null;
        if (!Azurite.IsRunning)
            await Azurite.RunAsync();
        if (ended.Contains(_broker))
            await StartBrokerAsync(cancellationToken);
        if (ended.Contains(_host))
        {
            Http.Dispose();
            await StartHostAsync(cancellationToken);
        }

        if (ended.Contains(_worker))
        {
            await _worker!.DisposeAsync();
            await StartWorkerAsync(cancellationToken);
        }

        if (!isWhole)
            await ReadyAsync(cancellationToken);
        Assert.All(ended, p => Assert.True(p.IsSuspended || p.WasEnded, p.Log));
    }

    /// <summary>All stage queues with their counts.</summary>
    public async Task<ImmutableArray<QueueRuntimeProperties>> StageQueuesAsync(CancellationToken cancellationToken)
    {
        var queues = ImmutableArray.CreateBuilder<QueueRuntimeProperties>();
        await foreach (var queue in Queues.GetQueuesRuntimePropertiesAsync(cancellationToken))
        {
            if (queue.Name.StartsWith("loki-traffic", StringComparison.Ordinal))
                queues.Add(queue);
        }

        return queues.ToImmutable();
    }

    public string Logs() => string.Join(Environment.NewLine + Environment.NewLine, ((AppProcess?[])[_worker, _host]).OfType<AppProcess>().Select(p => p.Log));

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        foreach (var process in ((AppProcess?[])[_worker, _host, _broker]).OfType<AppProcess>())
            await process.DisposeAsync();
        if (Bus is not null)
            await Bus.DisposeAsync();
        foreach (var proxy in ((StorageProxy?[])[Tables, Blobs]).OfType<StorageProxy>())
            await proxy.DisposeAsync();
        if (Azurite is not null)
            await Azurite.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Dictionary<string, string> Settings() => new()
    {
        ["AzureWebJobsStorage"] = Blobs.Through(Tables.Through(Azurite.ConnectionString)),
        ["ServiceBus"] = _bus!.Value.Connection,
        ["ServiceBus__administration"] = _bus.Value.Administration,
        ["urls"] = "http://127.0.0.1:0",
        ["Loki__ModelCache"] = ModelFolder,
        ["Loki__Device"] = "cpu",
        ["Loki__Slots"] = $"{Slots}",
        ["Loki__Fleet__0__Device"] = "cpu",
        ["Loki__Fleet__0__MinReplicas"] = "1",
        ["Loki__Fleet__0__MaxReplicas"] = "2",
        ["Loki__Fleet__0__SlotsPerReplica"] = $"{Slots}",
        ["Loki__LockSeconds"] = "5",
        ["Logging__LogLevel__Microsoft.AspNetCore"] = "Warning",
        ["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated",
        [DurableStorage + "type"] = "AzureStorage",
        [DurableStorage + "connectionStringName"] = "AzureWebJobsStorage",
        // Not so short that messages come again which the engine has in memory: once their receipts have ended, each costs it ten seconds.
        [DurableStorage + "controlQueueVisibilityTimeout"] = "00:01:30",
        [DurableStorage + "workItemQueueVisibilityTimeout"] = "00:01:00",
    };

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        TrafficFolder.Write(ModelFolder);
        await StartBrokerAsync(cancellationToken);
        Azurite = await AzuriteProcess.StartAsync();
        Tables = await StorageProxy.StartAsync("Table", Azurite.ConnectionString);
        Blobs = await StorageProxy.StartAsync("Blob", Azurite.ConnectionString);
        var storage = _storage = StorageAccount.ConnectLocally(Azurite.ConnectionString);
        Payloads = new BlobPayloadStore(storage);
        State = new TableStateStore(storage, Payloads);
        Bus = new ServiceBusClient(_bus!.Value.Connection);
        Queues = new ServiceBusAdministrationClient(_bus.Value.Administration);
        await StartHostAsync(cancellationToken);
        await StartWorkerAsync(cancellationToken);
        await ReadyAsync(cancellationToken);
    }
}
