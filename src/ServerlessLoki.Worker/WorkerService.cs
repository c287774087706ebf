using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Azure.Storage;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Inference;
using ServerlessLoki.Serving.Inference.Transforms;
using ServerlessLoki.Serving.Remote;

namespace ServerlessLoki.Worker;

/// <summary>The engine's life in this process: brings the models, starts, and drains on SIGTERM.</summary>
internal sealed class WorkerService(WorkerSettings settings, TimeProvider time, ILoggerFactory loggers, IHostApplicationLifetime lifetime) : BackgroundService
{
    private readonly string _worker = NewName();
    private readonly ILogger _logger = loggers.CreateLogger<WorkerService>();
    private volatile WorkerEngine? _engine;
    private WorkerPorts? _ports;
    private volatile string _state = "starting";

    public bool IsReady => _engine?.IsReady ?? false;

    public WorkerStatus Status() => new(_state, settings.Device, _engine?.Uptime, _engine?.Report());

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _state = "draining";
        _logger.Draining(settings.Drain);
        await base.StopAsync(cancellationToken);
        try
        {
            await DrainAsync().WaitAsync(settings.Drain, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            _logger.DrainTooLong(settings.Drain);
        }

        _state = "stopped";
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Probes are answered while models are brought.
        await Task.Yield();
        try
        {
            _logger.Starts(_worker, settings.ToString());
            _ports = new WorkerPorts(settings, _worker, time, loggers);
            var options = new WorkerOptions
            {
                Id = _worker,
                Device = settings.Device,
                Slots = settings.Slots,
                SlotShare = settings.Provider == ExecutionProvider.Cpu ? Math.Min(1, (double)Environment.ProcessorCount / settings.Slots) : 1.0 / settings.Slots,
                Provider = settings.Provider,
                Parallelism = settings.Provider == ExecutionProvider.Cpu ? Environment.ProcessorCount : settings.Slots,
            };
            var models = new ModelOptions { MaxBatch = options.MaxBatch, Provider = options.Provider };
            var transforms = TransformRegistry.Default;
            var pipelines = await PipelineFiles.ReadAsync(await FilesAsync(stoppingToken), transforms, models, stoppingToken);
            var profile = await ProfileAsync(pipelines, models, stoppingToken);
            await ModelCatalog.PublishAsync(_ports.State, pipelines, stoppingToken);
            var engine = new WorkerEngine(
                options, pipelines, profile, _ports.Queues, _ports.Replies, _ports.State, _ports.Payloads, transforms, time, loggers);
            _engine = engine;
            await engine.StartAsync(stoppingToken);
            _state = "working";
            _logger.Serves(_worker, string.Join(", ", pipelines.Select(static p => p.Pipeline.Name)));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            _logger.CannotStart(exception);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }

    /// <summary>Readable and never used before: a container that starts again has the same machine name.</summary>
    private static string NewName()
    {
        var machine = Environment.MachineName;
        return $"{machine[..Math.Min(machine.Length, 40)]}-{Guid.NewGuid().ToString("N")[..12]}";
    }

    private async Task<IReadOnlyList<string>> FilesAsync(CancellationToken cancellationToken)
    {
        var files = settings.ModelsContainer is { } container
            ? await new ModelContainer(_ports!.Storage, container).DownloadAsync(settings.ModelFolder, wanted: null, cancellationToken)
            : [.. Directory.EnumerateDirectories(settings.ModelFolder).Select(static d => Path.Combine(d, "pipeline.json")).Where(File.Exists).Order(StringComparer.Ordinal)];
        return files.Count > 0
            ? files
            : throw new FileNotFoundException($"No folder of {settings.ModelsContainer ?? settings.ModelFolder} has a pipeline.json: there is nothing to serve.");
    }

    private async Task<LatencyProfile> ProfileAsync(IReadOnlyList<PipelineSource> pipelines, ModelOptions models, CancellationToken cancellationToken)
    {
        var rows = await DeviceProfile.ReadAsync(pipelines, cancellationToken);
        var missing = DeviceProfile.Missing(pipelines, rows, settings.Device);
        if (missing.Count == 0)
            return new LatencyProfile(rows);
        _logger.Measuring(string.Join(", ", missing), settings.Device);
        var measured = await Task.Run(() => DeviceProfile.Measure(pipelines, [.. missing], settings.Device, models, time, cancellationToken), cancellationToken);
        return new LatencyProfile(rows.Concat(measured));
    }

    private async Task DrainAsync()
    {
        if (_engine is { } engine)
            await engine.DisposeAsync();
        if (_ports is { } ports)
            await ports.DisposeAsync();
    }
}
