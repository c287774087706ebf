using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Brings slots from one plan to the next: claim, load beside, warm, switch routes, drain, dispose.</summary>
/// <remarks>Its calls are serialized. Until every variant of the new plan is loaded, the old plan serves; when one cannot be
/// loaded, the old plan stays.</remarks>
internal sealed partial class SlotManager : IAsyncDisposable
{
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(30);

    private const long OnDemandIdleUs = 30_000_000;
    private readonly SemaphoreSlim _serial = new(1, 1);
    private readonly ImmutableArray<ComputeDevice> _devices;
    private readonly DeviceLoads _load;
    private readonly ImmutableArray<Slot[]> _slots;
    private readonly Dictionary<VariantId, (VariantPool Pool, ComputeDevice Device)> _pools = [];

    /// <summary>Workers that died since the last care; the only thing that other threads write.</summary>
    private readonly ConcurrentQueue<Worker> _lost = new();

    /// <summary>Backups that are to be brought back.</summary>
    private readonly List<(string Slot, VariantPool Pool)> _missing = [];
    private volatile bool _disposed;
    private readonly ModelStore _models;
    private readonly Dispatcher _dispatcher;
    private readonly IStageQueues _queues;
    private readonly IStateStore? _state;
    private readonly ServingMetrics _metrics;
    private readonly ServingClock _clock;
    private volatile LatencyProfile _profile;
    private readonly ImmutableArray<DeviceType> _deviceTypes;
    private readonly Func<VariantId, string> _nameOf;
    private readonly ILogger _logger;
    private readonly LoadTimes _loads = new();
    private readonly string _owner = Guid.NewGuid().ToString("N");
    private readonly EngineOptions _options;

    public SlotManager(
        ImmutableArray<ComputeDevice> devices, ImmutableArray<DeviceType> deviceTypes, ModelStore models, Dispatcher dispatcher,
        IStageQueues queues, IStateStore? state, ServingMetrics metrics, ServingClock clock, LatencyProfile profile,
        Func<VariantId, string> nameOf, EngineOptions options, ILogger<SlotManager> logger)
    {
        (_devices, _load) = (devices, new DeviceLoads(devices));
        _deviceTypes = deviceTypes;
        _slots = [.. deviceTypes.Select(d => Enumerable.Range(0, d.Slots).Select(i => new Slot($"{d.Name}/{i}")).ToArray())];
        _models = models;
        _dispatcher = dispatcher;
        _queues = queues;
        _state = state;
        _metrics = metrics;
        _clock = clock;
        _profile = profile;
        _nameOf = nameOf;
        _options = options;
        _logger = logger;
    }

    /// <summary>Rows routed by the plan before may still arrive for this long, microseconds.</summary>
    public long LingerUs { get; init; } = 1_000_000;

    /// <summary>Routes over what all processes serve; null = this one serves alone.</summary>
    public Func<RoutingTable>? Routes { get; init; }

    /// <summary>How long a slot loads and warms a variant, as seen lately; zero before the first.</summary>
    public TimeSpan LoadTime => _loads.Current;

    /// <summary>Applies a plan; when the call returns, the plan serves.</summary>
    /// <exception cref="VariantLoadException">A variant could not be loaded; nothing changed.</exception>
    public async Task ApplyAsync(Plan plan, PlanningProblem problem, bool scalesAccuracy, CancellationToken cancellationToken)
    {
        await _serial.WaitAsync(cancellationToken);
        try
        {
            TakeLost();
            var startUs = _clock.NowUs;
            var swaps = await LoadAsync(plan, problem, cancellationToken);
            var standby = StandbyOf(plan, problem, scalesAccuracy);
            await LoadStandbyAsync(standby, problem, cancellationToken);
            Switch(plan, standby, problem);
            if (Routes is not null)
                await DropUnservedAsync();
            if (swaps == 0)
                return;
            _metrics.SwapUs.Record(_clock.NowUs - startUs);
            _logger.Applied(plan.Version, swaps, (_clock.NowUs - startUs) / 1000.0);
        }
        finally
        {
            _serial.Release();
        }
    }

    /// <summary>Keeps a plan's slots and follows the problem with its routes, batches and expected times.</summary>
    public async Task RefreshAsync(Plan plan, PlanningProblem problem, bool scalesAccuracy, CancellationToken cancellationToken)
    {
        await _serial.WaitAsync(cancellationToken);
        try
        {
            _loaded.Clear();
            Switch(plan, StandbyOf(plan, problem, scalesAccuracy), problem);
        }
        finally
        {
            _serial.Release();
        }
    }

    /// <summary>What batches should take, before the slow-down, is known better.</summary>
    public void Profiled(LatencyProfile profile)
    {
        _profile = profile;
        lock (_pools)
        {
            foreach (var (pool, device) in _pools.Values)
                pool.ProfiledLatency = profile.Find(_nameOf(pool.Id), device.Name) ?? pool.ProfiledLatency;
        }
    }

    /// <summary>Loads a variant for direct inference where no slot of the plan runs it.</summary>
    public async Task EnsureLoadedAsync(VariantId id, CancellationToken cancellationToken)
    {
        if (IsServed(id))
            return;
        await _serial.WaitAsync(cancellationToken);
        try
        {
            if (IsServed(id))
                return;
            var (pool, _) = PoolOf(id, 0, _profile);
            pool.IsOnDemand = true;
            await AddBesideAsync(pool, "direct", cancellationToken);
        }
        finally
        {
            _serial.Release();
        }
    }

    /// <summary>Periodic care: lets drained workers go, brings lost ones back, and sends on what waits for those that cannot come back.</summary>
    public async Task CareAsync(CancellationToken cancellationToken)
    {
        // Whoever holds it changes the plan, which looks for lost workers itself, or ends; the next care follows soon.
        if (_disposed || !await _serial.WaitAsync(0, cancellationToken))
            return;
        try
        {
            TakeLost();
            await RetireDrainedAsync();
            await Task.Run(RestoreLost, cancellationToken);
            await EvacuateAsync();
        }
        finally
        {
            _serial.Release();
        }
    }

    /// <summary>Renews the claims of all assigned slots.</summary>
    public async Task HeartbeatAsync(CancellationToken cancellationToken)
    {
        foreach (var slot in _slots.SelectMany(s => s).Where(s => s.Worker is not null))
            await ClaimAsync(slot.Id, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _serial.WaitAsync();
        _disposed = true;
        foreach (var device in _devices)
            device.Dispose();
        foreach (var (pool, _) in _pools.Values)
        {
            await pool.Receiver.DisposeAsync();
            foreach (var worker in pool.Workers)
                worker.Dispose();
        }

        foreach (var slot in _slots.SelectMany(s => s).Where(s => s.Assigned is not null && _state is not null))
            await _state!.ReleaseAsync(slot.Id, _owner, CancellationToken.None);
        _pools.Clear();
        _models.Dispose();
        // Kept, and kept taken: a care that was started by a lost worker finds it so and leaves.
    }

    /// <summary>Loads workers that take no slot: as many as may compute at once.</summary>
    private async Task AddBesideAsync(VariantPool pool, string purpose, CancellationToken cancellationToken)
    {
        var device = _pools[pool.Id].Device;
        var workers = await Task.Run(() => NewBesides(device, purpose, pool), cancellationToken);
        device.Change(pools =>
        {
            if (pool.IsOnDemand && !pool.IsPlanned)
                pool.MaxBatch = _options.MaxBatch;
            // A model with a batch of its own takes no more.
            pool.MaxBatch = Math.Min(pool.MaxBatch, MostRows(pool.Id));
            Add(pools, pool, workers);
        });
        _missing.RemoveAll(m => m.Pool == pool);
    }

    private List<Worker> NewBesides(ComputeDevice device, string purpose, VariantPool pool)
    {
        var workers = new List<Worker>(device.Parallelism);
        try
        {
            for (var i = 0; i < device.Parallelism; i++)
                workers.Add(NewWorker($"{device.Name}/{purpose}-{i}", pool, 1, isBeside: true));
            return workers;
        }
        catch
        {
            workers.ForEach(w => w.Dispose());
            throw;
        }
    }

    /// <summary>True when workers of the variant are there to stay; the question counts as use.</summary>
    public bool IsServed(VariantId id)
    {
        lock (_pools)
        {
            return _pools.TryGetValue(id, out var entry) && entry.Device.Read(_ =>
            {
                entry.Pool.LastUsedUs = _clock.NowUs;
                return entry.Pool.Workers.Count > 0 && (entry.Pool.IsPlanned || entry.Pool.IsOnDemand || entry.Pool.IsStandby);
            });
        }
    }

    private ImmutableArray<SlotGroup> StandbyOf(Plan plan, PlanningProblem problem, bool scalesAccuracy) =>
        _options.Standby && scalesAccuracy ? StandbyGroups.Of(plan, problem) : [];

    /// <summary>Without a store the places were claimed before: nobody else has these slots.</summary>
    private ValueTask<bool> ClaimAsync(string place, CancellationToken cancellationToken) => _state is null
        ? ValueTask.FromResult(true)
        : _state.ClaimAsync(place, _owner, _clock.Time.GetUtcNow(), LeaseDuration, cancellationToken);

    private (VariantPool Pool, ComputeDevice Device) PoolOf(VariantId id, int device, LatencyProfile profile)
    {
        lock (_pools)
        {
            if (_pools.TryGetValue(id, out var known))
                return known;
            var name = _nameOf(id);
            var pool = new VariantPool(
                id, _dispatcher.Key(id.Pipeline, id.Task, id.Variant), _metrics.Variants[id.Pipeline][id.Task][id.Variant])
            {
                Latency = profile.Find(name, _deviceTypes[device].Name) ?? Unprofiled,
                ProfiledLatency = _profile.Find(name, _deviceTypes[device].Name) ?? Unprofiled,
                LastUsedUs = _clock.NowUs,
            };
            pool.RowCostNs = WaitingWork.RowNs(pool.Latency, 1, belowUs: 0);
            pool.Receiver = _queues.OpenReceiver(pool.Key, _devices[device].Signal);
            return _pools[id] = (pool, _devices[device]);
        }
    }

    /// <summary>For a variant that was never profiled and is asked for directly: a guess that only orders its queue.</summary>
    private static readonly BatchLatency Unprofiled = new([1], [10_000]);

    private Worker NewWorker(string slot, VariantPool pool, int warmBatch, bool isBeside = false)
    {
        var started = _clock.Time.GetTimestamp();
        var lease = _models.Acquire(pool.Id);
        IStageRunner? runner = null;
        try
        {
            runner = lease.Model.CreateRunner();
            runner.Warm(1);
            if (warmBatch > 1)
                runner.Warm(warmBatch);
            _limits[pool.Id] = new RowLimit(runner.MaxBatch, lease.Model.HeldBecause);
            _loads.Observe(_clock.Time.GetElapsedTime(started));
            pool.Metrics.Swapped();
            return new Worker(slot, pool, lease, runner) { IsBeside = isBeside };
        }
        catch
        {
            runner?.Dispose();
            lease.Dispose();
            throw;
        }
    }

    private static void Add(List<VariantPool> pools, VariantPool pool, IEnumerable<Worker> workers)
    {
        if (!pools.Contains(pool))
            pools.Add(pool);
        foreach (var worker in workers)
        {
            pool.Workers.Add(worker);
            pool.Idle.Push(worker);
        }
    }
}
