using System.Collections.Concurrent;
using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Dispatch;

namespace ServerlessLoki.Serving.Workers;

/// <summary>When a variant has nobody left to run it: what waits for it goes elsewhere, and so does what is to come.</summary>
internal sealed partial class SlotManager
{
    private const long LoadAgainInUs = 1_000_000;
    private const long PlanAgainInUs = 1_000_000;

    /// <summary>Plans do without a variant that could not be loaded for this long; then it gets another chance.</summary>
    private const long UnusableUs = 10_000_000;
    private readonly ConcurrentDictionary<VariantId, long> _unusableUntilUs = new();
    private HashSet<VariantId> _unrouted = [];
    private InForce? _inForce;
    private long _planAgainUs;
    private int _wantsPlan;

    /// <summary>What <see cref="Switch"/> brought into force.</summary>
    private sealed record InForce(Plan Plan, ImmutableArray<SlotGroup> Standby, PlanningProblem Problem)
    {
        public IEnumerable<SlotGroup> Groups => Plan.Slots.Concat(Standby);
    }

    /// <summary>True once after the plan in force lost a variant: another plan may do better. Asked again while it is so.</summary>
    public bool TakeWantsPlan() => Interlocked.Exchange(ref _wantsPlan, 0) != 0;

    /// <summary>The profile without variants that could not be loaded lately. A task keeps them where it has no others, so that
    /// the plan's fault says what is wrong.</summary>
    public LatencyProfile Usable(LatencyProfile profile)
    {
        var nowUs = _clock.NowUs;
        var unusable = _unusableUntilUs.Where(u => nowUs < u.Value).Select(u => u.Key).ToHashSet();
        if (unusable.Count == 0)
            return profile;
        var known = profile.Rows.Select(r => r.Variant).ToHashSet(StringComparer.Ordinal);
        foreach (var task in unusable.GroupBy(u => (u.Pipeline, u.Task)).ToList())
        {
            var others = _dispatcher.VariantCount(task.Key.Pipeline, task.Key.Task);
            if (!Enumerable.Range(0, others).Select(v => new VariantId(task.Key.Pipeline, task.Key.Task, v))
                .Any(v => !unusable.Contains(v) && known.Contains(_nameOf(v))))
            {
                unusable.ExceptWith(task);
            }
        }

        var names = unusable.Select(_nameOf).ToHashSet(StringComparer.Ordinal);
        return names.Count == 0 ? profile : new LatencyProfile(profile.Rows.Where(r => !names.Contains(r.Variant)));
    }

    private void MarkUnusable(VariantId id) => _unusableUntilUs[id] = _clock.NowUs + UnusableUs;

    private static bool IsDeserted(VariantPool pool, ComputeDevice device) => device.Read(_ => pool.Workers.Count == 0);

    private bool HasWorker(SlotGroup group) =>
        _pools.TryGetValue(IdOf(group), out var entry)
        && (!IsDeserted(entry.Pool, entry.Device) || _loaded.Exists(l => l.Worker.Pool == entry.Pool));

    /// <summary>A worker that was lost after the last look for such is replaced at the next: only a variant that could not be loaded
    /// again is given up.</summary>
    private bool CannotBeLoaded(SlotGroup group) => !_pools.TryGetValue(IdOf(group), out var entry) || entry.Pool.LoadFault is not null;

    /// <summary>Tunes the pools to a plan. The routes know only variants that somebody runs.</summary>
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

        return new RoutingState(table, BacklogUs, [.. costs.PerQueryUs]) { OwnBacklogUs = OwnBacklogUs };
    }

    /// <summary>Routes follow who is left; only then do rows leave, or they would come back.</summary>
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
                await EvacuateAsync(pool);
        }
    }

    private async Task EvacuateAsync(VariantPool pool)
    {
        var rows = new List<StageItem>();
        pool.Receiver.Take(int.MaxValue, rows);
        var cause = pool.LoadFault!;
        _logger.Deserted(pool.Key.ToString(), cause, rows.Count);
        foreach (var item in rows)
        {
            _dispatcher.Evacuate(item, $"Variant {pool.Key.Variant} failed and cannot be loaded again: {cause.TrimEnd('.')}.");
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
