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

/// <summary>Manager that brings slots from one plan to the next: claim, load in the background, warm, switch routes, drain,
/// dispose.</summary>
/// <remarks>Calls are serialized. Until every variant of the new plan is loaded, the old plan serves; when one cannot be loaded, the old
/// plan stays.</remarks>
internal sealed partial class SlotManager : IAsyncDisposable
{
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(30);

    private const long OnDemandIdleUs = 30_000_000;
    private readonly SemaphoreSlim _serial = new(1, 1);
    private readonly ImmutableArray<ComputeDevice> _devices;
    private readonly DeviceLoads _load;
    private readonly ImmutableArray<Slot[]> _slots;
    private readonly ConcurrentDictionary<VariantId, (VariantPool Pool, ComputeDevice Device)> _pools = new();

    /// <summary>Workers lost since the last maintenance; the only field that other threads write.</summary>
    private readonly ConcurrentQueue<Worker> _lost = new();

    /// <summary>Standby workers that are to be restored.</summary>
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

    /// <summary>Time for which rows routed by the plan before may still arrive, microseconds.</summary>
    public long LingerUs { get; init; } = 1_000_000;

    /// <summary>Routes over the variants that all processes serve; null = this process serves alone.</summary>
    public Func<RoutingTable>? Routes { get; init; }

    /// <summary>Time that a slot needs to load and warm a variant, as seen recently; zero before the first load.</summary>
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

    /// <summary>Keeps a plan's slots and updates routes, batches and expected times to the problem.</summary>
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

    /// <summary>Replaces the expected batch times before the slow-down.</summary>
    public void Profiled(LatencyProfile profile)
    {
        _profile = profile;
        foreach (var (pool, device) in _pools.Values)
            pool.ProfiledLatency = profile.Find(_nameOf(pool.Id), device.Name) ?? pool.ProfiledLatency;
        foreach (var pool in _beside.Values)
            pool.ProfiledLatency = _deviceTypes.Select(d => profile.Find(_nameOf(pool.Id), d.Name)).FirstOrDefault(l => l is not null) ?? pool.ProfiledLatency;
    }

    /// <summary>Runs periodic maintenance: disposes drained workers, restores lost ones, and moves on the rows of those that cannot be
    /// restored.</summary>
    public async Task CareAsync(CancellationToken cancellationToken)
    {
        // A plan change or the shutdown holds it: both look for lost workers themselves, and the next care follows soon.
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

    /// <summary>True when workers of the variant are there to stay; the question counts as use. Takes no lock: each direct request asks.</summary>
    public bool IsServed(VariantId id) => _pools.TryGetValue(id, out var entry) && entry.Pool.Use(_clock.NowUs);

    private ImmutableArray<SlotGroup> StandbyOf(Plan plan, PlanningProblem problem, bool scalesAccuracy) =>
        _options.Standby && scalesAccuracy ? StandbyGroups.Of(plan, problem) : [];

    /// <summary>Claims a place. Without a store it was claimed before: no other process has these slots.</summary>
    private ValueTask<bool> ClaimAsync(string place, CancellationToken cancellationToken) => _state is null
        ? ValueTask.FromResult(true)
        : _state.ClaimAsync(place, _owner, _clock.Time.GetUtcNow(), LeaseDuration, cancellationToken);
}
