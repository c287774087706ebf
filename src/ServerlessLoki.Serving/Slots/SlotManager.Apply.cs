using System.Collections.Immutable;
using ServerlessLoki.Batching;
using ServerlessLoki.Planning;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Serving.Slots;

/// <summary>The two halves of a plan change: load in the background, then switch at once.</summary>
internal sealed partial class SlotManager
{
    private readonly List<(Slot Slot, Worker Worker, SlotContent Content)> _loaded = [];

    /// <summary>Variant whose model is being loaded, for the message when that fails.</summary>
    private VariantId _loading;

    private async Task<int> LoadAsync(Plan plan, PlanningProblem problem, CancellationToken cancellationToken)
    {
        _loaded.Clear();
        var moves = Moves(plan);
        try
        {
            foreach (var (slot, content, group) in moves)
            {
                if (!await ClaimAsync(slot.Id, cancellationToken))
                {
                    _logger.ClaimLost(slot.Id);
                    continue;
                }

                slot.Tenancy = slot.Tenancy with { IsLoading = true };
                var (pool, _) = PoolOf(_loading = IdOf(group), group.Device, problem.Profile);
                _loaded.Add((slot, await Task.Run(() => NewWorker(slot.Id, pool, group.Batch, content: content), cancellationToken), content));
            }
        }
        catch (Exception exception)
        {
            foreach (var (_, worker, _) in _loaded)
                worker.Dispose();
            _loaded.Clear();
            if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
                throw;
            MarkUnusable(_loading);
            await DropUnservedAsync();
            throw new VariantLoadException(_nameOf(_loading), exception);
        }
        finally
        {
            foreach (var (slot, _, _) in moves)
                slot.Tenancy = slot.Tenancy with { IsLoading = false };
        }

        return _loaded.Count;
    }

    /// <summary>Drops the queues of variants that could not be loaded, here or any more: other processes may serve them.</summary>
    private async Task DropUnservedAsync()
    {
        foreach (var (pool, device) in _pools.Values.ToList())
        {
            if (pool.IsPlanned || pool.IsStandby || pool.IsOnDemand || !IsDeserted(pool, device))
                continue;
            _pools.TryRemove(pool.Id, out _);
            await pool.Receiver.DisposeAsync();
        }
    }

    /// <summary>Lists the slots that must change, with what they are to hold.</summary>
    private List<(Slot Slot, SlotContent Content, SlotGroup Group)> Moves(Plan plan)
    {
        var moves = new List<(Slot, SlotContent, SlotGroup)>();
        for (var device = 0; device < _slots.Length; device++)
        {
            var groups = plan.Slots.Where(g => g.Device == device).ToLookup(SlotContent.Of);
            var current = _slots[device].Select(s => s.Worker is null ? null : s.Tenancy.Content).ToList();
            var next = SlotMatching.Match(current, groups.Select(g => KeyValuePair.Create(g.Key, g.Sum(x => x.Replicas))));
            for (var i = 0; i < next.Length; i++)
            {
                if (next[i] is { } content && next[i] != current[i])
                    moves.Add((_slots[device][i], content, groups[content].First()));
            }
        }

        return moves;
    }

    /// <summary>Switches to a plan: new workers join, routes change, old workers leave. No query sees an intermediate state.</summary>
    private void Switch(Plan plan, ImmutableArray<SlotGroup> standby, PlanningProblem problem)
    {
        standby = [.. standby.Where(HasWorker)];
        MarkStandby(standby);
        _inForce = new InForce(plan, standby, problem);
        var routing = Tuned(_inForce);

        foreach (var byPool in _loaded.GroupBy(l => l.Worker.Pool))
            _pools[byPool.Key.Id].Device.Change(pools => Add(pools, byPool.Key, byPool.Select(l => l.Worker)));

        _dispatcher.Routing = routing;
        Reassign(plan);
        _loaded.Clear();
        WantPlanWithinLimits(_inForce);
    }

    private static VariantId IdOf(SlotGroup group) => new(group.Pipeline, group.Task, group.Variant);

    private async Task LoadStandbyAsync(ImmutableArray<SlotGroup> standby, PlanningProblem problem, CancellationToken cancellationToken)
    {
        foreach (var group in standby)
        {
            var (pool, device) = PoolOf(IdOf(group), group.Device, problem.Profile);
            // A slot's worker does not count: the plan needs its slot for another variant.
            if (device.Read(_ => pool.Workers.Any(w => w is { IsBeside: true, IsRetiring: false })))
                continue;
            try
            {
                await AddBesideAsync(pool, "standby", cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // A plan without its backup still serves.
                _logger.LoadFailed(exception, pool.Key.ToString());
            }
        }
    }

    private void MarkStandby(ImmutableArray<SlotGroup> standby)
    {
        var ids = standby.Select(IdOf).ToHashSet();
        foreach (var (pool, device) in _pools.Values)
        {
            device.Change(_ =>
            {
                if (pool.IsStandby && !ids.Contains(pool.Id))
                    pool.LastUsedUs = _clock.NowUs;
                pool.IsStandby = ids.Contains(pool.Id);
            });
        }
    }

    private void Tune(VariantPool pool, SlotGroup group, RoutingTable table, PlanningProblem problem, QueryCosts costs)
    {
        var name = _nameOf(pool.Id);
        pool.Latency = problem.Expected(name, _deviceTypes[group.Device].Name) ?? pool.Latency;
        pool.MaxBatch = Math.Min(group.Batch, MostRows(pool.Id));
        pool.WaitBatch = Math.Min(pool.MaxBatch, PoolBatching.BatchNeeded(
            group.Replicas, group.Batch, group.LoadQps, pool.Latency, _deviceTypes[group.Device].SlotShare));
        pool.Route = table.Option(group.Pipeline, group.Task, group.Variant);
        pool.Residents = ResidentsOf(group, table, problem);
        if (pool.Residents is { } residents)
            pool.Receiver.Expect(Math.Max(pool.MaxBatch, residents.MostRows));
        // The cost of waiting rows counts the planned latency, which has head-room.
        var planned = problem.Profile.Find(name, _deviceTypes[group.Device].Name) ?? pool.Latency;
        var belowUs = group.Task == 0 ? costs.BelowRootUs[group.Pipeline] : 0;
        pool.BelowCostNs = (long)(belowUs * 1000);
        pool.RowCostNs = WaitingWork.RowNs(planned, pool.MaxBatch, belowUs);
        pool.IsPlanned = group.LoadQps > 0 || group.CapacityQps > 1e-3;
    }

    private void Reassign(Plan plan)
    {
        var planned = plan.Slots.Select(IdOf).ToHashSet();
        var leaving = new List<Worker>();
        foreach (var (slot, worker, content) in _loaded)
        {
            if (slot.Worker is { } old)
                leaving.Add(old);
            slot.Tenancy = new SlotTenancy(worker.Pool.Id, worker) { Content = content };
        }

        leaving.AddRange(Unwanted(plan));
        foreach (var worker in leaving)
            _pools[worker.Pool.Id].Device.Change(_ => worker.IsRetiring = true);
        foreach (var (pool, device) in _pools.Values.ToList())
        {
            device.Change(_ =>
            {
                if (pool.IsPlanned && !planned.Contains(pool.Id))
                    (pool.IsPlanned, pool.WaitBatch, pool.LastUsedUs) = (false, 1, _clock.NowUs);
            });
        }

        DisposeSpared();
    }

    /// <summary>Removes the slots' workers that the plan has no place for.</summary>
    private List<Worker> Unwanted(Plan plan)
    {
        var left = plan.Slots
            .GroupBy(g => (g.Device, Content: SlotContent.Of(g)))
            .ToDictionary(g => g.Key, g => g.Sum(x => x.Replicas));
        var unwanted = new List<Worker>();
        for (var device = 0; device < _slots.Length; device++)
        {
            // Of several with one variant those that are down go first.
            foreach (var slot in _slots[device].Where(s => s.Tenancy.Content is not null).OrderBy(s => s.Worker is null))
            {
                var key = (device, slot.Tenancy.Content!.Value);
                if (left.GetValueOrDefault(key) > 0)
                {
                    left[key]--;
                    continue;
                }

                if (slot.Worker is { } worker)
                    unwanted.Add(worker);
                slot.Tenancy = SlotTenancy.Free;
            }
        }

        return unwanted;
    }
}
