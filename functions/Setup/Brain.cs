using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.OrTools;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Distributed.Ingress;
using ServerlessLoki.Serving.Distributed.Planner;
using ServerlessLoki.Serving.Distributed.Runs;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Http;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Functions.Setup;

/// <summary>Ingress, planner and steps of runs, which the functions use. Built in the background, so that the host starts although storage
/// does not answer yet; until then the API answers 503 and triggers are retried.</summary>
public sealed partial class Brain(FunctionSettings settings, AzurePorts ports, IFleet fleet, LokiApiContext api, TimeProvider time, ILoggerFactory logs) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly ILogger _logger = logs.CreateLogger<Brain>();
    private volatile IngressEngine? _ingress;
    private volatile PlannerCycle? _planner;
    private readonly TaskCompletionSource<RunSteps> _steps = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Planner of the app.</summary>
    /// <exception cref="InvalidOperationException">The app is starting.</exception>
    public PlannerCycle Planner => _planner ?? throw Starting();

    /// <summary>Returns the steps of runs once the app has started. Messages and activities wait for it, since each failed delivery would
    /// bring them closer to the dead letters.</summary>
    public Task<RunSteps> StepsAsync(CancellationToken cancellationToken) => _steps.Task.WaitAsync(cancellationToken);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_ingress is { } ingress)
            await ingress.DisposeAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await BuildAsync(stoppingToken);
                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotYet(_logger, Pause, e);
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
    }

    private async Task BuildAsync(CancellationToken cancellationToken)
    {
        var transforms = TransformRegistry.Default;
        // Without their models, which only workers need.
        var (pipelines, profile) = await PipelineFolders.ReadAsync(await ports.PipelineFilesAsync(settings.ModelCache, PipelineFolders.IsNeeded, cancellationToken), transforms, cancellationToken);
        await ports.Keeper.EnsureAsync([], cancellationToken);
        var ingress = new IngressEngine(
            new EngineOptions { Policy = settings.Policy }, ports.Owner, pipelines, profile, ports.Queues, ports.Replies, ports.State, ports.Payloads,
            transforms, time, logs);
        // All that may refuse the settings comes before what must be stopped again.
        var planner = new PlannerCycle(
            // The fleet keeps its own least; beyond that nothing runs while nobody asks.
            new PlannerOptions { Policy = settings.Policy, Forecaster = settings.Forecaster, Id = ports.Owner, LeastSlots = 0 }, [.. pipelines.Select(p => p.Pipeline)], profile, fleet, ports.State,
            new OrToolsSolver(), ports.Keeper, time, logs);
        try
        {
            await ingress.StartAsync(cancellationToken);
        }
        catch
        {
            await ingress.DisposeAsync();
            throw;
        }

        (_ingress, _planner) = (ingress, planner);
        _steps.SetResult(new RunSteps(ingress, ingress.Runs, ports.State, ports.Payloads, ports.Sender, transforms, api.Limits, time, api.Budget));
        api.Engine = ingress;
        LogServes(_logger, string.Join(", ", pipelines.Select(p => p.Pipeline.Name)), ports.Owner);
    }

    private static InvalidOperationException Starting() => new("The app is starting: pipelines are read. Try again shortly.");

    [LoggerMessage(6000, LogLevel.Warning, "The app cannot start yet; again in {Pause}")]
    private static partial void LogNotYet(ILogger logger, TimeSpan pause, Exception exception);

    [LoggerMessage(6001, LogLevel.Information, "Serving {Pipelines} as {Instance}")]
    private static partial void LogServes(ILogger logger, string pipelines, string instance);
}
