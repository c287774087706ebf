using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.Runs;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Distributed.Ingress;

/// <summary>Ingress of the distributed system: admits queries by the published plan, sends them to workers, and joins their replies. It has
/// no models, and any number of instances may run.</summary>
public sealed partial class IngressEngine : IServingEngine, IAsyncDisposable
{
    /// <summary>Prefix of the names of reply inboxes.</summary>
    public const string InboxPrefix = "loki-replies-";

    private static readonly TimeSpan KeptArrivals = TimeSpan.FromSeconds(10);

    private readonly ImmutableArray<PipelineSource> _sources;
    private readonly PipelineIndex _index;
    private readonly ServingClock _clock;
    private readonly long _started;
    private readonly IStateStore _state;
    private readonly IPayloadStore _payloads;
    private readonly IStageReplies _replies;
    private readonly string _inboxName;
    private readonly Dispatcher _dispatcher;
    private readonly IngressQueues _queues;
    private readonly PlanFollower _follower;
    private readonly ProfileFollower _profiles;
    private readonly DemandWriter _demand;
    private readonly FanOutCounter _fanOut;
    private readonly ILogger _logger;
    private readonly EngineLoops _loops;
    private readonly ServedPipelines _served;
    private FleetReport _fleet = new([]);
    private ImmutableDictionary<string, ModelDescription> _models = ImmutableDictionary<string, ModelDescription>.Empty;

    /// <summary>Pipelines with the descriptions of their models, once workers have published those.</summary>
    private volatile IReadOnlyList<PipelineSource> _described;
    private IAsyncDisposable? _inbox;
    private bool _isProfileDue;
    private string? _fault;
    private int _disposed;

    /// <summary>Builds an ingress; nothing is read before <see cref="StartAsync"/>.</summary>
    /// <param name="options">Options, read once; only those of admission and <see cref="EngineOptions.ControlPeriod"/>, the interval of
    /// reading the store, apply.</param>
    /// <param name="instance">Name that is unique among all running ingresses.</param>
    /// <param name="pipelines">Pipelines, the same as those of planner and workers, in the same order.</param>
    /// <param name="profile">Latencies of the pipeline folders; measurements of workers are added.</param>
    /// <param name="queues">Makes stage queues that carry messages, with the conversion that this engine supplies.</param>
    /// <param name="replies">Replies of workers.</param>
    /// <param name="state">Store of plan, reports and demand.</param>
    /// <param name="payloads">Store of large inputs.</param>
    /// <param name="transforms">Stage transforms by name.</param>
    /// <param name="time">Clock; the wall time of all processes must agree to some milliseconds.</param>
    /// <param name="logs">Loggers.</param>
    /// <exception cref="HostSetupException">Settings are out of bounds, or two models share a name; lists all.</exception>
    public IngressEngine(
        EngineOptions options, string instance, IReadOnlyList<PipelineSource> pipelines, LatencyProfile profile, Func<IStageItems, IStageQueues> queues,
        IStageReplies replies, IStateStore state, IPayloadStore payloads, TransformRegistry transforms, TimeProvider time, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(profile);
        HostSetup.Check(options, pipelines);
        (Options, _state, _payloads, _replies) = (options, state, payloads, replies);
        _profiles = new ProfileFollower(profile, state);
        _sources = [.. pipelines];
        _described = _sources;
        _inboxName = InboxPrefix + instance;
        _logger = logs.CreateLogger<IngressEngine>();
        _loops = new EngineLoops(time, Failed);
        _clock = new ServingClock(time);
        _started = time.GetTimestamp();
        ImmutableArray<Pipeline> graphs = [.. _sources.Select(s => s.Pipeline)];
        var index = _index = new PipelineIndex(graphs);
        Metrics = new ServingMetrics(graphs);
        var monitor = new IngressMonitor(graphs, _clock);
        monitor.Keep(KeptArrivals);
        _fanOut = new FanOutCounter(graphs, transforms, monitor);
        Runs = new RunDemand(index, Metrics, monitor, _fanOut, _clock);
        _follower = new PlanFollower(state, index, time);
        _served = new ServedPipelines(index, _follower, _clock);
        _queues = new IngressQueues(_inboxName, index, _clock, payloads, () => Plan?.Version ?? 0, Waiting) { Transport = queues };
        _dispatcher = new Dispatcher(graphs, SingleUs, transforms, Metrics, monitor, _queues, _clock, options, logs.CreateLogger<Dispatcher>());
        _demand = new DemandWriter(instance, index, Metrics, monitor, _clock, state, p => Plan?.DemandQps[p] ?? 0);
        Metrics.Publish(this);
    }

    /// <inheritdoc/>
    public EngineOptions Options { get; }

    /// <inheritdoc/>
    public LatencyProfile Profile => _profiles.Current;

    /// <inheritdoc/>
    public ServingMetrics Metrics { get; }

    /// <inheritdoc/>
    public bool IsReady => _follower.IsComplete && Volatile.Read(ref _disposed) == 0;

    /// <inheritdoc/>
    public IReadOnlyList<PipelineSource> Pipelines => _described;

    /// <inheritdoc/>
    public Plan? Plan => _follower.Current?.Document.Plan;

    /// <inheritdoc/>
    public PlanningProblem? Problem => _follower.Current?.Problem;

    /// <summary>Receiver of the demand of durable runs, which this instance includes in its reports.</summary>
    public IRunDemand Runs { get; }

    /// <summary>The plan document in force, for orchestrators; null before the first.</summary>
    public PlanDocument? Published => _follower.Current?.Document;

    /// <summary>Opens the inbox and follows the published plan until disposed. Queries are refused until there is a plan.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        _loops.Add(Options.ControlPeriod, LookAsync);
        _loops.Add(Options.ControlPeriod, FoldAsync);
        _loops.Add(Options.ControlPeriod, _demand.WriteAsync);
        _loops.Add(stop => ExpiryLoop.RunAsync(_dispatcher, _clock.Time, Failed, stop));
    }

    /// <summary>Opens the inbox and reads the published plan once: without <see cref="StartAsync"/> the caller controls the time.</summary>
    internal async Task OpenAsync(CancellationToken cancellationToken)
    {
        _inbox = _replies.OpenInbox(_inboxName, ReceivedAsync);
        await _loops.TryAsync(() => LookAsync(cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Answers every query past its deadline, see <see cref="Dispatcher.ExpireDue"/>.</summary>
    internal void ExpireDue() => _dispatcher.ExpireDue();

    /// <summary>True when no ended query is still counted; ended queries are removed on another thread.</summary>
    internal bool HasForgottenEnded => _queues.Waiting.All(w => !w.Query.HasEnded);

    /// <inheritdoc/>
    public ValueTask<QueryResult> SubmitAsync(QueryRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _dispatcher.Asked(request).SubmitAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public ServedPipeline? Find(string pipeline) => _dispatcher.Find(pipeline);

    /// <inheritdoc/>
    public VariantResult? RefuseInferEarly(string variant, TimeSpan latency, TimeSpan age) =>
        _index.Named(variant) is { } id ? _dispatcher.RefuseEarly(id.Pipeline, id.Task, id.Variant, latency, age) : null;

    /// <summary>Runs one variant on the workers that have it by plan; where none has, the answer says which variants run.</summary>
    /// <inheritdoc/>
    public ValueTask<VariantResult> InferAsync(VariantRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (_index.Named(request.Variant) is not { } id)
        {
            request.Owner?.Dispose();
            throw new ArgumentException($"There is no variant {request.Variant}.", nameof(request));
        }

        if (_follower.IsServed(id))
            return _dispatcher.SubmitAsync(id.Pipeline, id.Task, id.Variant, request, cancellationToken);
        request.Owner?.Dispose();
        if (_served.RefusalOf(id.Pipeline) is not { } refusal)
            return ValueTask.FromResult(new VariantResult(QueryOutcome.Unavailable, _served.NobodyRuns(id), [], Dispatcher.PlanChangeIn));
        // Direct inferences wake workers too.
        Runs.Waits(_index.Pipelines[id.Pipeline].Name);
        return ValueTask.FromResult(new VariantResult(QueryOutcome.Unavailable, refusal, [], Dispatcher.WorkersIn));
    }

    /// <inheritdoc/>
    public ModelDescription? Describe(string variant) =>
        _sources.Select(s => s.Models.GetValueOrDefault(variant)).FirstOrDefault(m => m is not null) ?? _models.GetValueOrDefault(variant);

    /// <inheritdoc/>
    public string? FaultOf(string variant) => _follower.FaultOf(variant);

    /// <inheritdoc/>
    public EngineStatus Status() => IngressStatus.Of(
        IsReady, _clock.Time.GetElapsedTime(_started), Options.Policy, _fault ?? _follower.Fault, _sources, _follower, Metrics, _demand.Ticks, _fleet, Describe);

    /// <summary>Stops: queries that wait are answered as unavailable, then the inbox closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _loops.StopAsync();
        _dispatcher.FailAll("The server is shutting down.");
        if (_inbox is not null)
            await _inbox.DisposeAsync();
        _loops.Dispose();
        Metrics.Dispose();
    }

    /// <summary>Returns the time of one row on the fastest device that the variant was profiled on, microseconds.</summary>
    private double? SingleUs(Variant variant) => Profile.Rows.Where(r => r.Variant == variant.Name).Select(r => r.Device).Distinct(StringComparer.Ordinal)
        .Min(d => Profile.Find(variant.Name, d)?.LatencyUs(1));

    private IngressScope Waiting(StageItem item)
    {
        if (item.Scope is DirectQuery direct)
        {
            _ = ForgetAsync(direct, direct.Result);
            return new IngressInfer(direct, new VariantId(direct.Pipeline, item.Task, item.Variant));
        }

        var query = (PendingQuery)item.Scope;
        _ = ForgetAsync(query, query.Result);
        return new IngressQuery(query, _index.Pipelines[query.Pipeline], 
            (task, variant, rows) => _fanOut.Count(query.Pipeline, task, variant, rows), join => _dispatcher.SendJoin(query, join));
    }

    /// <summary>Stops waiting for the replies of a query that has ended, and deletes its stored payloads.</summary>
    private async Task ForgetAsync(QueryScope query, Task result)
    {
        await result;
        if (_queues.Forget(query) is not { } forgotten)
            return;
        try
        {
            await forgotten.CleanAsync(_payloads);
        }
        catch (Exception exception)
        {
            _logger.DeleteFailed(exception);
        }
    }

    private async ValueTask ReceivedAsync(StageReply reply)
    {
        // Late, or for an instance of the same name before.
        if (_queues.Find(reply.QueryId) is not { } query)
            return;
        try
        {
            if (reply.Tensor is { Token: not null } stored)
            {
                var bytes = await Payloads.BytesAsync(stored, _payloads, CancellationToken.None)
                    ?? throw new FormatException($"The tensor of {reply.Pipeline}/{reply.Task} was deleted before it was read.");
                if (query is IngressInfer)
                    query.Stored(stored.Token);
                reply = reply with { Tensor = stored with { Token = null, Bytes = bytes } };
            }

            query.Take(reply);
        }
        catch (FormatException exception)
        {
            _logger.BadReply(exception.Message);
            query.Query.Fail(QueryOutcome.Failed, exception.Message);
        }
    }

    private Task FoldAsync(CancellationToken cancellationToken)
    {
        _demand.Fold();
        return Task.CompletedTask;
    }

    private void Failed(Exception exception)
    {
        _fault = exception.Message;
        _logger.LookFailed(exception);
    }
}
