using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Distributed.Worker;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Worker;

/// <summary>Hosted service of the worker engine: downloads the models, starts, and drains on SIGTERM.</summary>
internal sealed class WorkerService(WorkerSettings settings, TimeProvider time, ILoggerFactory loggers, IHostApplicationLifetime lifetime) : BackgroundService
{
    private readonly ILogger _logger = loggers.CreateLogger<WorkerService>();
    private volatile WorkerEngine? _engine;
    private AzurePorts? _ports;
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
            _ports = new AzurePorts(settings.Azure, time, loggers);
            _logger.Starts(_ports.Owner, settings.ToString());
            var options = new WorkerOptions
            {
                Id = _ports.Owner,
                Device = settings.Device,
                Slots = settings.Slots,
                SlotShare = settings.Provider == ExecutionProvider.Cpu ? Math.Min(1, (double)Environment.ProcessorCount / settings.Slots) : 1.0 / settings.Slots,
                Provider = settings.Provider,
                Parallelism = settings.Provider == ExecutionProvider.Cpu ? Environment.ProcessorCount : settings.Slots,
                // A tenth is for what is outside the sessions: the driver's contexts and kernels.
                GpuMemoryBytes = settings.Provider == ExecutionProvider.Cuda && GpuMemory.TotalBytes() is { } bytes ? bytes / 10 * 9 / settings.Slots : null,
            };
            var models = new ModelOptions { MaxBatch = options.MaxBatch, Provider = options.Provider, GpuMemoryBytes = options.GpuMemoryBytes };
            var transforms = TransformRegistry.Default;
            var pipelines = await PipelineFiles.ReadAsync(await _ports.PipelineFilesAsync(settings.ModelFolder, wanted: null, stoppingToken), transforms, models, stoppingToken);
            var profile = await ProfileAsync(pipelines, _ports.State, models, stoppingToken);
            await ModelCatalog.PublishAsync(_ports.State, pipelines, stoppingToken);
            var engine = new WorkerEngine(
                options, pipelines, profile, _ports.Queues, _ports.Replies, _ports.State, _ports.Payloads, transforms, time, loggers);
            _engine = engine;
            await engine.StartAsync(stoppingToken);
            _state = "working";
            _logger.Serves(_ports.Owner, string.Join(", ", pipelines.Select(static p => p.Pipeline.Name)));
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

    private async Task<LatencyProfile> ProfileAsync(
        IReadOnlyList<PipelineSource> pipelines, IStateStore state, ModelOptions models, CancellationToken cancellationToken)
    {
        var rows = await DeviceProfile.ReadAsync(pipelines, cancellationToken);
        var missing = DeviceProfile.Missing(pipelines, rows, settings.Device);
        if (missing.Count == 0)
            return new LatencyProfile(rows);
        return new LatencyProfile(rows.Concat(await DeviceProfile.CompleteAsync(
            state, pipelines, missing, settings.Device, models, time, variants => _logger.Measuring(string.Join(", ", variants), settings.Device), cancellationToken)));
    }

    private async Task DrainAsync()
    {
        if (_engine is { } engine)
            await engine.DisposeAsync();
        if (_ports is { } ports)
            await ports.DisposeAsync();
    }
}
