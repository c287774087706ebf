using System.Diagnostics.CodeAnalysis;
using ServerlessLoki.Embedded;
using ServerlessLoki.Nats.Setup;
using ServerlessLoki.Nats.Storage;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Distributed.Ingress;
using ServerlessLoki.Serving.Distributed.Planner;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Http;
using ServerlessLoki.Serving.Runs;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Cli.Cluster;

/// <summary>Ingress, planner or both, as one process of a cluster.</summary>
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "A composition root names what it composes.")]
internal sealed class ClusterServing : IAsyncDisposable
{
    /// <summary>Time after which a run whose answer was lost, because both ends of a reply were cut off, is executed again.</summary>
    private static readonly TimeSpan RunAttempt = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PlanEvery = TimeSpan.FromSeconds(1);
    private readonly NatsPorts _ports;
    private readonly List<IAsyncDisposable> _parts = [];
    private ApiServer? _server;

    private ClusterServing(NatsPorts ports) => _ports = ports;

    /// <summary>Name of the process.</summary>
    public string Name => _ports.Owner;

    /// <summary>Address of the API; null where it serves none.</summary>
    public Uri? BaseAddress => _server?.BaseAddress;

    /// <summary>Names of the pipelines.</summary>
    public IReadOnlyList<string> Pipelines { get; private set; } = [];

    /// <summary>Planner; null where it does not plan.</summary>
    public LeadingPlanner? Planner { get; private set; }

    /// <summary>Ingress; null where it serves no API.</summary>
    public IngressEngine? Ingress { get; private set; }

    /// <summary>Starts the process; the call returns when it follows the cluster.</summary>
    /// <exception cref="TimeoutException">NATS does not answer.</exception>
    /// <exception cref="FileNotFoundException">The library is empty.</exception>
    public static async Task<ClusterServing> StartAsync(ServingOptions options, CancellationToken cancellationToken)
    {
        var ports = new NatsPorts(options.Nats, options.Queues, options.Host.Time, options.Host.LoggerFactory);
        var serving = new ClusterServing(ports);
        try
        {
            await serving.OpenAsync(options, cancellationToken);
            return serving;
        }
        catch
        {
            await serving.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops: the port closes, running queries are answered, accepted runs stay for others or the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
            await part.DisposeAsync();
        await _ports.DisposeAsync();
    }

    private async Task OpenAsync(ServingOptions options, CancellationToken cancellationToken)
    {
        var (time, logs, transforms) = (options.Host.Time, options.Host.LoggerFactory, TransformRegistry.Default);
        var library = new ModelLibrary(_ports.Link, _ports.State);
        var (pipelines, profile) = await PipelineFolders.ReadAsync(await library.PullAsync(options.Folder, PipelineFolders.IsNeeded, cancellationToken), transforms, cancellationToken);
        Pipelines = [.. pipelines.Select(p => p.Pipeline.Name)];
        var known = options.Known;
        if (options.Plans)
        {
            var fleet = new LivingFleet(_ports.State, time);
            var cycle = new PlannerCycle(
                new PlannerOptions { Policy = options.Policy, Forecaster = options.Forecaster, Id = Name, KnownPolicies = known.Policies, KnownForecasters = known.Forecasters },
                [.. pipelines.Select(p => p.Pipeline)], profile, fleet, _ports.State, new BranchAndBoundSolver(), _ports.Keeper, time, logs);
            Planner = new LeadingPlanner(cycle, fleet, _ports.State, _ports.Keeper, PlanEvery, Name, time, logs);
        }

        if (options.ServesHttp)
        {
            var context = new LokiApiContext { Limits = options.Host.Limits, Time = time };
            var engine = new IngressEngine(
                new EngineOptions { KnownPolicies = known.Policies, KnownForecasters = known.Forecasters }, Name, pipelines, profile, _ports.Queues, _ports.Replies, _ports.State,
                _ports.Payloads, transforms, time, logs);
            _parts.Add(engine);
            Ingress = engine;
            await engine.StartAsync(cancellationToken);
            var runs = new RunService(
                engine, _ports.State, _ports.State, _ports.Payloads, _ports.State, options.Host.Limits,
                new RunOptions { Owner = Name, Attempt = RunAttempt }, time, logs, context.Budget);
            _parts.Add(runs);
            await runs.StartAsync(cancellationToken);
            (context.Engine, context.Runs) = (engine, runs);
            // Last, so that it is the first to stop.
            _server = await ApiServer.StartAsync(options.Host, context, cancellationToken);
            _parts.Add(_server);
        }

        if (Planner is { } planner)
        {
            _parts.Add(planner);
            planner.Start();
        }
    }
}
