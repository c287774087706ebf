using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>Worker engine: slots of one device type that serve the published plan. It claims places, loads and warms variants, runs
/// batches, and sends children and replies.</summary>
public sealed class WorkerEngine : IAsyncDisposable
{
    private readonly WorkerOptions _options;
    private readonly ImmutableArray<PipelineSource> _sources;
    private readonly IStateStore _state;
    private readonly IPayloadStore _payloads;
    private readonly RunPayloads _runs;
    private readonly IStageReplies _replies;
    private readonly Func<PipelineSource, Variant, CancellationToken, ValueTask>? _fetch;
    private readonly PipelineIndex _index;
    private readonly ServingClock _clock;
    private readonly PlanFollower _follower;
    private readonly WorkerPlaces _places;
    private readonly SlotManager _slots;
    private readonly SlowdownMonitor _slowdown = new();
    private readonly RetiredSweep _sweep;
    private readonly DeviceType _device;
    private readonly ILogger _logger;
    private readonly EngineLoops _loops;
    private readonly long _started;
    private readonly SemaphoreSlim _telling = new(1, 1);
    private ImmutableArray<SlotGroup> _local = [];
    private PublishedPlan? _followed;
    private string? _fault;
    private bool _isDue;
    private DateTimeOffset _renewed;
    private int _disposed;

    /// <summary>Builds a worker; nothing is claimed or loaded before <see cref="StartAsync"/>.</summary>
    /// <param name="options">Settings, read once.</param>
    /// <param name="pipelines">Pipelines, the same as those of planner and ingress, in the same order.</param>
    /// <param name="profile">Measured latencies of all variants on this device.</param>
    /// <param name="queues">Makes stage queues that carry messages, with the conversion that this engine supplies.</param>
    /// <param name="replies">Replies to the waiting ingress or orchestrator.</param>
    /// <param name="state">Store of plan, leases and reports.</param>
    /// <param name="payloads">Store of large inputs and tensors.</param>
    /// <param name="transforms">Stage transforms by name.</param>
    /// <param name="time">Clock; the wall time of all processes must agree to some milliseconds.</param>
    /// <param name="logs">Loggers.</param>
    /// <param name="fetch">Brings a variant's model file to <see cref="PipelineSource.ModelPath"/> before it is loaded; null = it is there.</param>
    /// <exception cref="HostSetupException">Two models share a name.</exception>
    public WorkerEngine(
        WorkerOptions options, IReadOnlyList<PipelineSource> pipelines, LatencyProfile profile, Func<IStageItems, IStageQueues> queues,
        IStageReplies replies, IStateStore state, IPayloadStore payloads, TransformRegistry transforms, TimeProvider time, ILoggerFactory logs,
        Func<PipelineSource, Variant, CancellationToken, ValueTask>? fetch = null)
        : this(options, pipelines, profile, queues, replies, state, payloads, transforms, time, logs, fetch, new OnnxStageModelFactory(
            pipelines, transforms, new ModelOptions { MaxBatch = options.MaxBatch, Provider = options.Provider, GpuMemoryBytes = options.GpuMemoryBytes }, logs.CreateLogger<OnnxStageModelFactory>()))
    {
    }

    internal WorkerEngine(
        WorkerOptions options, IReadOnlyList<PipelineSource> pipelines, LatencyProfile profile, Func<IStageItems, IStageQueues> queues,
        IStageReplies replies, IStateStore state, IPayloadStore payloads, TransformRegistry transforms, TimeProvider time, ILoggerFactory logs,
        Func<PipelineSource, Variant, CancellationToken, ValueTask>? fetch, IStageModelFactory factory, bool hasThreads = true)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(time);
        var check = new OptionCheck();
        check.Add(options.Faults());
        check.ThrowIfAny("this worker");
        HostSetup.CheckNames(pipelines);
        (_options, _sources, _state, _payloads, _replies, _fetch) = (options, [.. pipelines], state, payloads, replies, fetch);
        _runs = new RunPayloads(state, payloads);
        _logger = logs.CreateLogger<WorkerEngine>();
        _loops = new EngineLoops(time, Failed);
        _clock = new ServingClock(time);
        _started = time.GetTimestamp();
        ImmutableArray<Pipeline> graphs = [.. _sources.Select(s => s.Pipeline)];
        var index = _index = new PipelineIndex(graphs);
        _follower = new PlanFollower(state, index, time);
        _places = new WorkerPlaces(options, state, index, time);
        _device = new DeviceType(options.Device, options.Slots, options.SlotShare);
        Metrics = new ServingMetrics(graphs);
        var items = new WorkerItems(index, _clock, payloads, new InputCache(payloads, options.InputCacheBytes), ReplyAsync, ReservedBelowUs);
        var settled = new SettledQueues(queues(items), _clock);
        var engine = new EngineOptions
        {
            Parallelism = options.Parallelism, MaxBatch = options.MaxBatch, IdleModelBytes = options.IdleModelBytes, Provider = options.Provider, Standby = false,
        };
        var dispatcher = new Dispatcher(
            graphs, v => profile.Find(v.Name, options.Device)?.LatencyUs(1), transforms, Metrics, new IngressMonitor(graphs, _clock), settled, _clock, engine,
            logs.CreateLogger<Dispatcher>());
        var executor = new BatchExecutor(_clock, new WorkerForwarder(dispatcher), _slowdown, logs.CreateLogger<BatchExecutor>());
        Device = new ComputeDevice(options.Device, options.Parallelism, _clock, executor, logs.CreateLogger<ComputeDevice>(), hasThreads: hasThreads);
        _slots = new SlotManager(
            [Device], [_device], new ModelStore(factory, options.IdleModelBytes, logs.CreateLogger<ModelStore>()), dispatcher, settled, state: null, Metrics,
            _clock, profile, _index.NameOf, engine, logs.CreateLogger<SlotManager>())
        {
            LingerUs = (long)options.Linger.TotalMicroseconds,
            Routes = () => _follower.Table!,
        };
        executor.WorkerLost += _slots.OnWorkerLost;
        executor.VariantHeld += _slots.OnHeld;
        executor.VariantUnfit += _slots.OnUnfit;
        _sweep = new RetiredSweep(settled, state, dispatcher, index, options, time, _logger);
    }

    /// <summary>Metrics of the worker's slots.</summary>
    public ServingMetrics Metrics { get; }

    /// <summary>True while the worker follows a plan, with or without work for it.</summary>
    public bool IsReady => _followed is not null && Volatile.Read(ref _disposed) == 0;

    /// <summary>Registers, follows the published plan, and runs until disposed. A store that cannot be reached is tried again.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await LookAsync(cancellationToken);
        _loops.Add(_options.Period, TellAsync);
        _loops.Add(_options.Period, FollowAsync);
    }

    /// <summary>Returns a snapshot, as it is reported every second.</summary>
    public WorkerReport Report() => new()
    {
        Worker = _options.Id,
        Device = _options.Device,
        Slots = _options.Slots, SlotShare = _options.SlotShare, Zone = _options.Zone,
        PlanVersion = _followed?.Document.Plan.Version ?? 0,
        Provider = _slots.Serving().Select(s => s.Provider).FirstOrDefault(),
        Serving = [.. _slots.Serving().Select(s => new ServedVariant(
            _sources[s.Id.Pipeline].Pipeline.Name, _sources[s.Id.Pipeline].Pipeline.Tasks[s.Id.Task].Name, _index.NameOf(s.Id), s.Workers, s.Queued))],
        Held = [.. _slots.Held().Select(_index.NameOf).Order(StringComparer.Ordinal)],
        Unfit = [.. _slots.Unfit().Select(_index.NameOf).Order(StringComparer.Ordinal)],
        LoadUs = _slots.LoadTime.TotalMicroseconds,
        Fault = _fault ?? _follower.Fault,
        SlotStates = _slots.Status(),
    };

    /// <summary>Time since the engine was built.</summary>
    public TimeSpan Uptime => _clock.Time.GetElapsedTime(_started);

    /// <summary>Makes the next batch of a slot throw, for fault tests. False if the slot runs nothing.</summary>
    public bool InjectSlotFault(string slotId) => _slots.InjectFault(slotId);

    /// <summary>Drains the worker: reports that it serves nothing, ends the running batches, returns waiting messages, then its
    /// places.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _loops.StopAsync();
        await _loops.TryAsync(() => _state.AddSampleAsync(
            WorkerReport.Series, _options.Id, _clock.Time.GetUtcNow(), (Report() with { Serving = [], SlotStates = [] }).ToJson(), CancellationToken.None).AsTask());
        await _loops.TryAsync(() => _sweep.DisposeAsync().AsTask());
        await _slots.DisposeAsync();
        await _loops.TryAsync(_places.ReleaseAllAsync);
        await _loops.TryAsync(() => _state.ReleaseAsync(Registration, _options.Id, CancellationToken.None).AsTask());
        _loops.Dispose();
        _telling.Dispose();
        Metrics.Dispose();
    }

    /// <summary>Stops without returning anything, like a process that is killed; for fault tests.</summary>
    internal Task FallSilentAsync() => _loops.StopAsync();

    private string Registration => $"{WorkerReport.LeasePrefix}{_options.Device}/{_options.Id}";

    private long ReservedBelowUs(VariantId id) => (long)(_follower.Table?.Option(id.Pipeline, id.Task, id.Variant)?.ReservedBelowUs ?? 0);

    /// <summary>Registers and follows the published plan once: without <see cref="StartAsync"/> the caller controls the time.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        await _loops.TryAsync(async () =>
        {
            await TellAsync(cancellationToken);
            await FollowAsync(cancellationToken);
        });
        cancellationToken.ThrowIfCancellationRequested();
    }

    internal ComputeDevice Device { get; }

    /// <summary>Reports and renews leases; separate from <see cref="FollowAsync"/>, which may load models for longer than a lease
    /// lasts.</summary>
    private async Task TellAsync(CancellationToken cancellationToken)
    {
        await _telling.WaitAsync(cancellationToken);
        try
        {
            var now = _clock.Time.GetUtcNow();
            if (now - _renewed >= _options.Lease / 3)
            {
                await _state.ClaimAsync(Registration, _options.Id, now, _options.Lease, cancellationToken);
                await _places.RenewAsync(cancellationToken);
                _renewed = now;
            }

            var times = _slowdown.Take();
            var report = Report() with
            {
                ActualUs = times.ActualUs, ExpectedUs = times.ExpectedUs, Batches = times.Batches, LogUs = times.LogUs, SquaredLogUs = times.SquaredLogUs,
            };
            await _state.AddSampleAsync(WorkerReport.Series, _options.Id, now, report.ToJson(), cancellationToken);
        }
        finally
        {
            _telling.Release();
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var changed = await _follower.LookAsync(cancellationToken);
        if (_follower.Current is { } plan)
        {
            changed |= await _places.ClaimAsync(plan, cancellationToken);
            changed |= _places.TakeLost();
            changed |= _local.Any(g => !IsPlanned(plan, g));
            // What could not be applied is tried again.
            _isDue |= changed;
            if (_isDue)
                await ApplyAsync(plan, cancellationToken);
            await _sweep.LookAsync(plan, _follower.IsServed, cancellationToken);
        }

        await _slots.CareAsync(cancellationToken);
        await GiveBackAsync(cancellationToken);
    }

    /// <summary>Returns places whose slots cannot run their variant any more; another worker may be able to.</summary>
    private async Task GiveBackAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, slots, cause) in _slots.Down())
        {
            _logger.GaveBack(_options.Id, slots, _index.NameOf(id), cause);
            _isDue = true;
            await _places.GiveBackAsync(id, slots, cancellationToken);
        }
    }

    private async Task ApplyAsync(PublishedPlan plan, CancellationToken cancellationToken)
    {
        var local = LocalSlots.Of(_places.Groups(plan), _places.Held(plan), _local, _options.Slots, IsAnotherServed);
        foreach (var group in local)
        {
            var source = _sources[group.Pipeline];
            await (_fetch?.Invoke(source, source.Pipeline.Tasks[group.Task].Variants[group.Variant], cancellationToken) ?? ValueTask.CompletedTask);
        }

        try
        {
            await _slots.ApplyAsync(plan.Document.Plan with { Slots = local }, plan.Problem with { Devices = [_device] }, false, cancellationToken);
        }
        catch (VariantLoadException exception)
        {
            _fault = exception.Message;
            _logger.Refused(exception, _options.Id, exception.Variant);
            var id = SharedRoutes.IdOf(local.First(g => g.Held.Any(v => _index.NameOf(SharedRoutes.IdOf(g) with { Variant = v }) == exception.Variant)));
            await _places.RefuseAsync(id, cancellationToken);
            return;
        }

        if (_followed?.Document.Plan.Version != plan.Document.Plan.Version || !local.SequenceEqual(_local))
            _logger.Follows(_options.Id, plan.Document.Plan.Version, string.Join(", ", local.Select(g => $"{_index.NameOf(SharedRoutes.IdOf(g))}×{g.Replicas}")));
        (_local, _followed, _fault, _isDue) = (local, plan, null, false);
        await TellAsync(cancellationToken);
        await _places.ReleaseObsoleteAsync(plan, cancellationToken);

        bool IsAnotherServed(SlotGroup old) => plan.Document.Plan.Slots.Any(s =>
            s.Pipeline == old.Pipeline && s.Task == old.Task && _follower.IsServed(SharedRoutes.IdOf(s)));
    }

    private static bool IsPlanned(PublishedPlan plan, SlotGroup group) => plan.Document.Plan.Slots.Any(s => SharedRoutes.IdOf(s) == SharedRoutes.IdOf(group));

    private async Task ReplyAsync(StageMessage message, StageReply reply)
    {
        var tensor = reply.Tensor is not { } row ? null
            : message.ReturnOnly ? await Payloads.CheckAsync(row, StagePayload.InlineLimitBytes, _runs, message.QueryId, message.Arrival, CancellationToken.None)
            : await Payloads.CheckAsync(row, StagePayload.InlineLimitBytes, _payloads, CancellationToken.None);
        await _replies.SendAsync(message.ReplyTo, reply with { Worker = _options.Id, Tensor = tensor }, CancellationToken.None);
    }

    /// <summary>Logs a fault of the store; serving continues.</summary>
    private void Failed(Exception exception)
    {
        _fault = exception.Message;
        _logger.LookFailed(exception);
    }
}
