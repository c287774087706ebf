using System.Collections.Concurrent;
using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Rescue of a variant that no worker runs any more: its waiting and future rows go to other variants.</summary>
internal sealed partial class SlotManager
{
    private const long LoadAgainInUs = 1_000_000;
    private const long PlanAgainInUs = 1_000_000;

    /// <summary>Time that plans leave out a variant that could not be loaded, microseconds.</summary>
    private const long UnusableUs = 10_000_000;
    private readonly ConcurrentDictionary<VariantId, long> _unusableUntilUs = new();
    private HashSet<VariantId> _unrouted = [];
    private InForce? _inForce;
    private long _planAgainUs;
    private int _wantsPlan;

    /// <summary>Plan that <see cref="Switch"/> brought into force.</summary>
    private sealed record InForce(Plan Plan, ImmutableArray<SlotGroup> Standby, PlanningProblem Problem)
    {
        public IEnumerable<SlotGroup> Groups => Plan.Slots.Concat(Standby);
    }

    /// <summary>True once after the plan in force lost a variant, so that another plan is made. True again while the variant is
    /// missing.</summary>
    public bool TakeWantsPlan() => Interlocked.Exchange(ref _wantsPlan, 0) != 0;

    /// <summary>Returns the profile without batches that models do not take, and without variants that could not be loaded recently or
    /// whose answers are NaN or infinite.</summary>
    public LatencyProfile Usable(LatencyProfile profile)
    {
        var nowUs = _clock.NowUs;
        var unusable = _unusableUntilUs.Where(u => nowUs < u.Value).Select(u => u.Key).Concat(Unfit()).Select(_nameOf).ToHashSet(StringComparer.Ordinal);
        return UsableProfile.Without(WithinLimits(profile), unusable, _dispatcher.Pipelines);
    }

    private void MarkUnusable(VariantId id) => _unusableUntilUs[id] = _clock.NowUs + UnusableUs;

    private static bool IsDeserted(VariantPool pool, ComputeDevice device) => device.Read(_ => pool.Workers.Count == 0);

    private bool HasWorker(SlotGroup group) =>
        _pools.TryGetValue(IdOf(group), out var entry)
        && (!IsDeserted(entry.Pool, entry.Device) || _loaded.Exists(l => l.Worker.Pool == entry.Pool));

    /// <summary>Tests whether a group cannot be loaded. A worker that was lost after the last look is replaced at the next: only a variant
    /// whose reload failed is given up.</summary>
    private bool CannotBeLoaded(SlotGroup group) => !_pools.TryGetValue(IdOf(group), out var entry) || entry.Pool.LoadFault is not null;

    /// <summary>Tunes the pools to a plan. Routes contain only variants that have workers.</summary>
    private RoutingState Tuned(InForce inForce)
    {
        var (plan, _, problem) = inForce;
        var groups = inForce.Groups.ToLookup(HasWorker);
        _unrouted = [.. groups[false].Select(IdOf)];
        var table = Routes?.Invoke() ?? RoutingTable.Build(problem, plan with { Slots = [.. groups[true]] });
        var costs = QueryCosts.Of(plan, problem, _options.Parallelism);
        foreach (var group in inForce.Groups)
        {
            var (pool, device) = PoolOf(IdOf(group), group.Device, problem.Profile);
            device.Change(_ => Tune(pool, group, table, problem, costs));
        }

        return new RoutingState(table, _load, [.. costs.PerQueryUs]);
    }

    /// <summary>Moves rows away from variants without workers. Routes change first, so that the rows do not come back.</summary>
    private async Task EvacuateAsync()
    {
        if (_inForce is { } inForce)
        {
            var deserted = inForce.Groups.Where(g => !HasWorker(g) && CannotBeLoaded(g)).Select(IdOf).ToHashSet();
            if (!deserted.SetEquals(_unrouted))
                _dispatcher.Routing = Tuned(inForce);
            if (deserted.Count > 0 && _clock.NowUs >= _planAgainUs)
            {
                foreach (var id in deserted)
                    MarkUnusable(id);
                _planAgainUs = _clock.NowUs + PlanAgainInUs;
                Interlocked.Exchange(ref _wantsPlan, 1);
            }
        }

        foreach (var (pool, device) in _pools.Values.ToList())
        {
            if (pool.Receiver.Count > 0 && pool.LoadFault is not null && IsDeserted(pool, device))
                await EvacuateAsync(pool, $"Variant {pool.Key.Variant} failed and cannot be loaded again: {pool.LoadFault.TrimEnd('.')}.");
        }
    }

    private async Task EvacuateAsync(VariantPool pool, string cause)
    {
        var rows = new List<StageItem>();
        pool.Receiver.Take(int.MaxValue, rows);
        _logger.Deserted(pool.Key.ToString(), cause, rows.Count);
        foreach (var item in rows)
        {
            _dispatcher.Evacuate(item, cause);
            try
            {
                await pool.Receiver.CompleteAsync(item, CancellationToken.None);
            }
            catch (Exception exception)
            {
                _logger.SettleFailed(exception);
            }
            finally
            {
                item.Scope.Release();
            }
        }
    }
}
