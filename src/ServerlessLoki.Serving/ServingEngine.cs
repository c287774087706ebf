using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Control;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving;

/// <summary>Serving engine of pipelines: accepts queries, plans every second, and answers each query exactly once.</summary>
/// <remarks>The engine composes dispatcher, workers and control loop over the ports; it knows no transport and no storage.</remarks>
public sealed partial class ServingEngine : IServingEngine, IAsyncDisposable
{
    private readonly ImmutableArray<PipelineSource> _sources;
    private readonly PipelineIndex _index;
    private readonly EngineLoops _loops;
    private readonly ServingClock _clock;
    private readonly Dispatcher _dispatcher;
    private readonly SlotManager _slots;
    private readonly DirectLoads _directLoads;
    private readonly ControlLoop _control;
    private readonly IFleet _fleet;
    private readonly ModelDescriptions _descriptions;
    private readonly long _started;
    private readonly ILogger _logger;
    private volatile LatencyProfile _profile;
    private readonly AnswerThread _answers = new();
    private readonly SequenceModels _forecasterModels = new(Environment.CurrentDirectory);
    private int _disposed;

    /// <summary>Builds an engine; nothing is loaded before <see cref="StartAsync"/>.</summary>
    /// <param name="options">Settings, read once.</param>
    /// <param name="pipelines">At least one; names of pipelines and variants are unique over all.</param>
    /// <param name="profile">Measured latencies of all variants that may be used.</param>
    /// <param name="fleet">Devices and slots.</param>
    /// <param name="queues">Stage queues.</param>
    /// <param name="state">State store, for slot leases.</param>
    /// <param name="transforms">Stage transforms by name.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logs">Loggers.</param>
    /// <exception cref="HostSetupException">Settings are out of bounds, two models share a name, or a variant is profiled on several devices of the fleet.</exception>
    public ServingEngine(
        EngineOptions options, IReadOnlyList<PipelineSource> pipelines, LatencyProfile profile, IFleet fleet, IStageQueues queues,
        IStateStore state, TransformRegistry transforms, TimeProvider time, ILoggerFactory logs)
        : this(options, pipelines, profile, fleet, queues, state, transforms, time, logs, new OnnxStageModelFactory(
            pipelines, transforms, new ModelOptions { MaxBatch = options.MaxBatch, Provider = options.Provider }, logs.CreateLogger<OnnxStageModelFactory>()))
    {
    }

    internal ServingEngine(
        EngineOptions options, IReadOnlyList<PipelineSource> pipelines, LatencyProfile profile, IFleet fleet, IStageQueues queues,
        IStateStore state, TransformRegistry transforms, TimeProvider time, ILoggerFactory logs, IStageModelFactory factory, bool hasThreads = true)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(fleet);
        ArgumentNullException.ThrowIfNull(time);
        Options = options;
        _fleet = fleet;
        _sources = [.. pipelines];
        _profile = profile = Served(profile);
        _descriptions = new ModelDescriptions(_sources, factory);
        _logger = logs.CreateLogger<ServingEngine>();
        // The loop that keeps deadlines must outlive any single fault.
        _loops = new EngineLoops(time, _logger.ExpiryFailed);
        _clock = new ServingClock(time);
        _started = time.GetTimestamp();
        HostSetup.Check(options, pipelines, profile, fleet);
        var memory = ModelSizes.Of([.. _sources.Select(s => s.Pipeline)], factory);
        HostSetup.CheckMemory(pipelines, profile, fleet, memory);
        IDemandForecaster[] forecasters = [.. pipelines.Select(_ => options.KnownForecasters.Create(options.Forecaster, _forecasterModels.Load))];
        ImmutableArray<Pipelines.Pipeline> graphs = [.. _sources.Select(s => s.Pipeline)];
        _index = new PipelineIndex(graphs);
        Metrics = new ServingMetrics(graphs);
        var monitor = new IngressMonitor(graphs, _clock);
        var slowdown = new SlowdownMonitor();
        _dispatcher = new Dispatcher(graphs, SingleUs(fleet, profile), transforms, Metrics, monitor, queues, _clock, options, logs.CreateLogger<Dispatcher>());

        var executor = new BatchExecutor(_clock, _dispatcher, slowdown, logs.CreateLogger<BatchExecutor>());
        var decoder = new PictureDecoder(_clock, _dispatcher, Metrics.DecodeUs);
        ImmutableArray<ComputeDevice> devices = [.. fleet.Devices.Select(d =>
            new ComputeDevice(d.Name, options.Parallelism, _clock, executor, logs.CreateLogger<ComputeDevice>(), decoder, hasThreads))];
        Devices = devices;
        (_dispatcher.Decode, _dispatcher.DecodeUs, _dispatcher.Answers) = (devices[0].Decode, decoder.ExpectedUs, _answers);
        var models = new ModelStore(factory, options.IdleModelBytes, logs.CreateLogger<ModelStore>());
        _slots = new SlotManager(
            devices, fleet.Devices, models, _dispatcher, queues, state, Metrics, _clock, profile, _index.NameOf, options, logs.CreateLogger<SlotManager>());
        // Loading goes on when its first caller is late or gone: the next one finds the variant there.
        _directLoads = new DirectLoads(id => _slots.EnsureLoadedAsync(id, _loops.Stopping), _index.NameOf, time, logs.CreateLogger<SlotManager>());
        executor.WorkerLost += _slots.OnWorkerLost;
        executor.VariantHeld += _slots.OnHeld;
        executor.VariantUnfit += _slots.OnUnfit;
        _control = new ControlLoop(
            graphs, profile, fleet, monitor, slowdown, _slots, Metrics, _clock, options, forecasters, logs.CreateLogger<ControlLoop>())
        {
            MemoryMiB = memory,
        };
        Metrics.Publish(this);
    }

    /// <inheritdoc/>
    public EngineOptions Options { get; }

    /// <inheritdoc/>
    public LatencyProfile Profile => _profile;

    /// <inheritdoc/>
    public ServingMetrics Metrics { get; }

    /// <inheritdoc/>
    public bool IsReady { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<PipelineSource> Pipelines => _sources;

    /// <inheritdoc/>
    public Plan? Plan => _control.Current.Plan;

    /// <inheritdoc/>
    public PlanningProblem? Problem => _control.Current.Problem;

    /// <summary>Raised after each control period, on the control loop's thread: return soon.</summary>
    public event Action<ControlTick>? Ticked
    {
        add => _control.Ticked += value;
        remove => _control.Ticked -= value;
    }

    /// <summary>Makes the first plan, loads and warms it; ready when the call returns. The control loop then runs until disposed.</summary>
    /// <exception cref="VariantLoadException">A model cannot be loaded.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _control.UsePolicy(Options.Policy);
        await _control.ReplanAsync(cancellationToken);
        // What the models take is known only now.
        if (_slots.TakeWantsPlan())
            await _control.ReplanAsync(cancellationToken, always: true);

        for (var p = 0; p < _sources.Length; p++)
        {
            if (Unreachable(p) is { } why)
                _logger.Unreachable(why);
        }
        IsReady = true;
        _loops.Add(_control.RunAsync);
        _loops.Add(stop => ExpiryLoop.RunAsync(_dispatcher, _clock.Time, _logger.ExpiryFailed, stop));
    }

    /// <inheritdoc/>
    public ValueTask<QueryResult> SubmitAsync(QueryRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _dispatcher.Asked(request).SubmitAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public ServedPipeline? Find(string pipeline) => _dispatcher.Find(pipeline);

    /// <inheritdoc/>
    public ModelDescription? Describe(string variant) => _index.Named(variant) is { } id ? _descriptions.Of(id) : null;

    /// <inheritdoc/>
    public string? FaultOf(string variant) => _index.Named(variant) is { } id ? FaultOf(id) : null;

    /// <summary>Returns the fault of a variant, see <see cref="FaultOf(string)"/>.</summary>
    internal string? FaultOf(VariantId id) =>
        _slots.FaultOf(id) ?? (_directLoads.HasFailed(id) && !_slots.IsServed(id) ? SlotManager.NotLoaded : null);

    /// <summary>Replaces the latencies by which the engine plans, admits and batches.</summary>
    /// <param name="profile">Measured or corrected latencies of the same variants on the same devices.</param>
    /// <param name="isProven">False while the profile was measured only once: it then makes no query impossible permanently.</param>
    public void UseProfile(LatencyProfile profile, bool isProven = true)
    {
        ArgumentNullException.ThrowIfNull(profile);
        _profile = profile = Served(profile);
        _dispatcher.Profiled(SingleUs(_fleet, profile), isProven);
        _slots.Profiled(profile);
        _control.UseProfile(profile);
    }

    /// <summary>Changes the policy and plans at once, even if the plan in force still fits.</summary>
    /// <exception cref="ArgumentException">There is no such policy; the message lists those there are.</exception>
    public Task UsePolicyAsync(string policy, CancellationToken cancellationToken)
    {
        _control.UsePolicy(policy);
        return _control.ReplanAsync(cancellationToken, always: true);
    }

    /// <summary>Plans for the current forecast without waiting for the period's end.</summary>
    public Task ReplanAsync(CancellationToken cancellationToken) => _control.ReplanAsync(cancellationToken);

    /// <summary>Pins a plan, for tests and benchmarks; null gives the decision back to the policy.</summary>
    public Task ForcePlanAsync(Plan? plan, CancellationToken cancellationToken)
    {
        _control.Force(plan);
        return _control.ReplanAsync(cancellationToken, always: true);
    }

    /// <summary>Makes the next batch of a slot throw, for fault tests. False if the slot runs nothing.</summary>
    public bool InjectSlotFault(string slotId) => _slots.InjectFault(slotId);

    /// <summary>Removes the batches that the models do not take from a profile.</summary>
    private LatencyProfile Served(LatencyProfile profile) =>
        profile.Within(variant => _sources.Select(s => s.Models.GetValueOrDefault(variant)?.MostRows()).FirstOrDefault(r => r is not null));

    private static Func<Pipelines.Variant, double?> SingleUs(IFleet fleet, LatencyProfile profile) =>
        variant => fleet.Devices.Min(d => profile.Find(variant.Name, d.Name)?.LatencyUs(1));

    /// <summary>Returns why no query of a pipeline can be answered, see <see cref="Dispatcher.Unreachable"/>.</summary>
    internal string? Unreachable(int pipeline) => _dispatcher.Unreachable(pipeline);

    /// <inheritdoc/>
    public EngineStatus Status() => EngineStatusReport.Of(this, _slots, _control, _clock.Time.GetElapsedTime(_started));

    /// <summary>Stops the engine: waiting queries are answered as unavailable, running batches end first.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        IsReady = false;
        try
        {
            await _loops.StopAsync();
            _dispatcher.FailAll("The server is shutting down.");
        }
        finally
        {
            await _slots.DisposeAsync();
            _answers.Dispose();
            _control.Dispose();
            _forecasterModels.Dispose();
            _loops.Dispose();
            Metrics.Dispose();
        }
    }

    internal SlotManager Slots => _slots;

    /// <summary>Compute devices, by device type of the fleet.</summary>
    internal ImmutableArray<ComputeDevice> Devices { get; }

    /// <summary>Answers every query past its deadline, see <see cref="Dispatcher.ExpireDue"/>.</summary>
    internal void ExpireDue() => _dispatcher.ExpireDue();
}
