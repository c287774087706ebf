using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Nats.Setup;
using ServerlessLoki.Nats.Storage;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Distributed.Worker;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Cli.Cluster;

/// <summary>Worker of a cluster: brings the models, measures those that nobody has measured on its device, and serves the published
/// plan.</summary>
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "A composition root names what it composes.")]
internal sealed partial class ClusterWorker : IAsyncDisposable
{
    private readonly NatsPorts _ports;
    private WorkerEngine? _engine;

    private ClusterWorker(NatsPorts ports) => _ports = ports;

    /// <summary>Name of the process.</summary>
    public string Name => _ports.Owner;

    /// <summary>Names of the pipelines.</summary>
    public IReadOnlyList<string> Pipelines { get; private set; } = [];

    /// <summary>Engine of the worker.</summary>
    public WorkerEngine Engine => _engine ?? throw new InvalidOperationException("The worker has not started.");

    /// <summary>Starts a worker; it is registered when the call returns.</summary>
    /// <exception cref="TimeoutException">NATS does not answer.</exception>
    /// <exception cref="FileNotFoundException">The library is empty.</exception>
    public static async Task<ClusterWorker> StartAsync(ClusterWorkerOptions options, CancellationToken cancellationToken)
    {
        var worker = new ClusterWorker(new NatsPorts(options.Nats, options.Queues, options.Time, options.Logs));
        try
        {
            await worker.OpenAsync(options, cancellationToken);
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Drains: ends the running batches, and gives back what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_engine is { } engine)
            await engine.DisposeAsync();
        await _ports.DisposeAsync();
    }

    private async Task OpenAsync(ClusterWorkerOptions options, CancellationToken cancellationToken)
    {
        var (logger, transforms) = (options.Logs.CreateLogger<ClusterWorker>(), TransformRegistry.Default);
        var isCpu = options.Provider == ExecutionProvider.Cpu;
        var settings = new WorkerOptions
        {
            Id = Name,
            Device = options.Device,
            Slots = options.Slots,
            SlotShare = isCpu ? Math.Min(1, (double)options.Cores / options.Slots) : 1.0 / options.Slots,
            Provider = options.Provider,
            Parallelism = isCpu ? options.Cores : options.Slots,
            Zone = options.Zone,
        };
        var models = new ModelOptions { MaxBatch = settings.MaxBatch, Provider = options.Provider };
        var files = await new ModelLibrary(_ports.Link, _ports.State).PullAsync(options.Folder, wanted: null, cancellationToken);
        var pipelines = await PipelineFiles.ReadAsync(files, transforms, models, cancellationToken);
        Pipelines = [.. pipelines.Select(p => p.Pipeline.Name)];
        var rows = await DeviceProfile.ReadAsync(pipelines, cancellationToken);
        if (DeviceProfile.Missing(pipelines, rows, options.Device) is { Count: > 0 } missing)
        {
            var measured = await DeviceProfile.CompleteAsync(
                _ports.State, pipelines, missing, options.Device, models, options.Time, variants => LogMeasuring(logger, string.Join(", ", variants), options.Device), cancellationToken);
            rows = [.. rows, .. measured];
        }

        await ModelCatalog.PublishAsync(_ports.State, pipelines, cancellationToken);
        _engine = new WorkerEngine(
            settings, pipelines, new LatencyProfile(rows), _ports.Queues, _ports.Replies, _ports.State, _ports.Payloads, transforms, options.Time, options.Logs);
        await _engine.StartAsync(cancellationToken);
    }

    [LoggerMessage(4300, LogLevel.Information, "Variants {Variants} have no latencies for {Device}: measuring them briefly")]
    private static partial void LogMeasuring(ILogger logger, string variants, string device);
}
