using System.Collections.Immutable;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Maintenance between plans: draining, repair, status.</summary>
internal sealed partial class SlotManager
{
    /// <summary>Makes the next batch of a slot throw. False if the slot runs nothing.</summary>
    public bool InjectFault(string slotId)
    {
        var worker = _slots.SelectMany(s => s).FirstOrDefault(s => s.Id == slotId)?.Worker;
        if (worker is null or { Fault: not null })
            return false;
        worker.FaultInjected = true;
        return true;
    }

    private IEnumerable<(VariantPool Pool, ComputeDevice Device)> Pools() =>
        _pools.Values.OrderBy(p => p.Pool.Id.Pipeline).ThenBy(p => p.Pool.Id.Task).ThenBy(p => p.Pool.Id.Variant);

    /// <summary>Rows waiting for each variant that has a queue open.</summary>
    public ImmutableArray<(VariantId Id, int Queued)> Queues() => [.. Pools().Select(p => (p.Pool.Id, p.Pool.Receiver.Count))];


    /// <summary>What is served by plan: variants with workers that are loaded and warm, and the rows that wait for them.</summary>
    public ImmutableArray<(VariantId Id, int Workers, int Queued, string Provider)> Serving() =>
        [.. Pools()
            .Select(p => p.Device.Read(_ => (p.Pool.Id, p.Pool.IsPlanned ? p.Pool.Workers.Count : 0, p.Pool.Receiver.Count, p.Pool.Workers.FirstOrDefault()?.Provider ?? "")))
            .Where(p => p.Item2 > 0)];

    /// <summary>Lists slots that lost their worker and could not be given another, by variant, with the cause.</summary>
    public ImmutableArray<(VariantId Id, int Slots, string Cause)> Down()
    {
        var faults = _pools.Values.Select(p => (p.Pool.Id, Cause: p.Pool.LoadFault)).Where(p => p.Cause is not null).ToDictionary(p => p.Id, p => p.Cause!);
        return [.. _slots.SelectMany(s => s).Where(s => s.Worker is null && s.Assigned is { } id && faults.ContainsKey(id))
            .CountBy(s => s.Assigned!.Value).Select(d => (d.Key, d.Value, faults[d.Key]))];
    }

    public ImmutableArray<SlotStatus> Status() => [.. _slots.SelectMany(s => s).Select(StatusOf)];

    private SlotStatus StatusOf(Slot slot)
    {
        var tenancy = slot.Tenancy;
        var worker = tenancy.Worker;
        var name = tenancy.Assigned is { } id ? _nameOf(id) : null;
        // A worker that has just been lost stays in its slot until the next care.
        var fault = tenancy.Fault ?? worker?.Fault;
        var state = fault is not null ? "failed"
            : tenancy.IsLoading ? "loading"
            : worker is null ? "free"
            : worker.IsBusy ? "busy" : "idle";
        return new SlotStatus(slot.Id, state, name, worker?.Pool.MaxBatch ?? 0, worker?.Provider, fault) { ProviderFallback = worker?.ProviderFallback, Held = HeldBy(worker) };
    }

    private ImmutableArray<string> HeldBy(Worker? worker) => worker is { Held.Length: > 1 } ? [.. worker.Held.Select(m => _nameOf(m.Variant.Id)).Order(StringComparer.Ordinal)] : [];

    /// <summary>Records a worker whose batch threw. Called by a device's thread; the next maintenance repairs the slot, since slots change
    /// in turn only.</summary>
    public void OnWorkerLost(Worker worker)
    {
        _lost.Enqueue(worker);
        // At once, beside the compute thread: its rows wait.
        _ = Task.Run(async () =>
        {
            try
            {
                await CareAsync(CancellationToken.None);
            }
            catch (Exception exception)
            {
                _logger.CareFailed(exception);
            }
        });
    }

    /// <summary>Finds the slots that lost their worker, and the backups that are missing one.</summary>
    private void TakeLost()
    {
        while (_lost.TryDequeue(out var worker))
        {
            if (_slots.SelectMany(s => s).FirstOrDefault(s => s.Worker == worker) is { } slot)
                slot.Tenancy = slot.Tenancy with { Worker = null, Fault = worker.Fault };
            else if (worker.IsBeside)
                _missing.Add((worker.Slot, worker.Pool));
        }
    }

    private void RestoreLost()
    {
        foreach (var slot in _slots.SelectMany(s => s).Where(s => s.Worker is null && s.Assigned is not null))
        {
            var pool = _pools[slot.Assigned!.Value].Pool;
            var worker = TryRestore(slot.Id, pool, isBeside: false, content: slot.Tenancy.Content);
            slot.Tenancy = slot.Tenancy with { Worker = worker, Fault = worker is null ? pool.LoadFault : null };
        }

        // A backup that nobody keeps any more is not missed.
        _missing.RemoveAll(m => !(m.Pool.IsStandby || m.Pool.IsOnDemand) || TryRestore(m.Slot, m.Pool, isBeside: true) is not null);

        // The last worker of a variant that leaves is in no slot any more: what still waits for it needs another.
        foreach (var (pool, device) in _pools.Values.ToList())
        {
            if ((pool.IsStandby || pool.Receiver.Count > 0) && IsDeserted(pool, device))
                TryRestore($"{device.Name}/last", pool, isBeside: true, isRetiring: !pool.IsStandby);
        }
    }

    /// <summary>Makes a new worker in the place of a lost one; null when that fails, which is tried again after a pause.</summary>
    private Worker? TryRestore(string slot, VariantPool pool, bool isBeside, bool isRetiring = false, SlotContent? content = null)
    {
        if (pool.LoadFault is not null && _clock.NowUs < pool.LoadAgainUs)
            return null;
        try
        {
            var worker = NewWorker(slot, pool, isBeside ? 1 : pool.MaxBatch, isBeside, content);
            worker.IsRetiring = isRetiring;
            _pools[pool.Id].Device.Change(pools => Add(pools, pool, [worker]));
            pool.LoadFault = null;
            return worker;
        }
        catch (Exception exception) when (content?.Held.Length > 1 && _loading != pool.Id)
        {
            // What is held beside the queue's own variant must not keep that one from running.
            MarkUnusable(_loading);
            _logger.RestoreFailed(exception, slot, pool.Key.ToString());
            Interlocked.Exchange(ref _wantsPlan, 1);
            return TryRestore(slot, pool, isBeside, isRetiring);
        }
        catch (Exception exception)
        {
            (pool.LoadFault, pool.LoadAgainUs) = (exception.Message, _clock.NowUs + LoadAgainInUs);
            _logger.RestoreFailed(exception, slot, pool.Key.ToString());
            return null;
        }
    }

    private async Task RetireDrainedAsync()
    {
        DisposeSpared();
        foreach (var (pool, device) in _pools.Values.ToList())
        {
            List<Worker>? leaving = null;
            device.Change(pools =>
            {
                var (linger, usedUs) = (pool.IsOnDemand ? OnDemandIdleUs : LingerUs, pool.LastUsedUs);
                if (pool.IsPlanned || pool.IsStandby || pool.Receiver.Count > 0 || pool.Workers.Any(w => w.IsBusy) || _clock.NowUs - usedUs < linger)
                    return;
                leaving = pool.Leave(usedUs);
                if (leaving is not null)
                    pools.Remove(pool);
            });
            if (leaving is null)
                continue;
            _pools.TryRemove(pool.Id, out _);
            _missing.RemoveAll(m => m.Pool == pool);
            await pool.Receiver.DisposeAsync();
            foreach (var worker in leaving)
                worker.Dispose();
            // A thread may have been held between choosing this variant and sending to it for longer than its queue lingered.
            if (pool.Receiver.Count > 0)
                await EvacuateAsync(pool, $"Variant {pool.Key.Variant} left the plan.");
        }
    }

    /// <summary>Disposes idle workers that retire and are not their pool's last; busy ones are disposed when their batch ends.</summary>
    private void DisposeSpared()
    {
        foreach (var (pool, device) in _pools.Values.ToList())
        {
            var leaving = new List<Worker>();
            device.Change(_ =>
            {
                foreach (var worker in pool.Workers.Where(w => w is { IsRetiring: true, IsBusy: false }).ToList())
                {
                    if (pool.Workers.Count == 1)
                        break;
                    pool.Workers.Remove(worker);
                    leaving.Add(worker);
                }

                if (leaving.Count > 0)
                    Rebuild(pool);
            });
            foreach (var worker in leaving)
                worker.Dispose();
        }
    }

    private static void Rebuild(VariantPool pool)
    {
        pool.Idle.Clear();
        foreach (var worker in pool.Workers.Where(w => !w.IsBusy))
            pool.Idle.Push(worker);
    }
}
