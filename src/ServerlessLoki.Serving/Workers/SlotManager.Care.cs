using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Serving.Workers;

/// <summary>What happens between plans: draining, repair, status.</summary>
internal sealed partial class SlotManager
{
    /// <summary>Makes the next batch of a slot throw. False if the slot runs nothing.</summary>
    public bool InjectFault(string slotId)
    {
        var worker = _slots.SelectMany(s => s).FirstOrDefault(s => s.Id == slotId)?.Worker;
        if (worker is null)
            return false;
        worker.FaultInjected = true;
        return true;
    }

    /// <summary>Rows waiting for each variant that has a queue open.</summary>
    public ImmutableArray<(VariantId Id, int Queued)> Queues()
    {
        lock (_pools)
            return [.. _pools.Values.Select(p => (p.Pool.Id, p.Pool.Receiver.Count))];
    }

    public ImmutableArray<SlotStatus> Status() => [.. _slots.SelectMany(s => s).Select(StatusOf)];

    private SlotStatus StatusOf(Slot slot)
    {
        var worker = slot.Worker;
        var name = slot.Assigned is { } id ? _nameOf(id) : null;
        var state = slot.Fault is not null ? "failed"
            : slot.IsLoading ? "loading"
            : worker is null ? "free"
            : worker.IsBusy ? "busy" : "idle";
        return new SlotStatus(slot.Id, state, name, worker?.Pool.MaxBatch ?? 0, worker?.Provider, slot.Fault);
    }

    /// <summary>Called by a device's thread for a worker whose batch threw.</summary>
    public void OnWorkerLost(Worker worker)
    {
        var slot = _slots.SelectMany(s => s).FirstOrDefault(s => s.Worker == worker);
        if (slot is null)
            return;
        slot.Fault = worker.Fault;
        slot.Worker = null;
        // At once, beside the compute thread: its rows wait.
        _ = Task.Run(() => CareAsync(CancellationToken.None));
    }

    private void RestoreLost()
    {
        foreach (var slot in _slots.SelectMany(s => s).Where(s => s.Worker is null && s.Assigned is not null))
        {
            var id = slot.Assigned!.Value;
            var (pool, device) = _pools[id];
            try
            {
                var worker = NewWorker(slot.Id, pool, pool.MaxBatch);
                (slot.Worker, slot.Fault) = (worker, null);
                device.Change(pools => Add(pools, pool, [worker]));
            }
            catch (Exception exception)
            {
                // It is tried again with the next care; until then the status tells why.
                slot.Fault = exception.Message;
                _logger.LoadFailed(exception, pool.Key.ToString());
            }
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
                var linger = pool.IsOnDemand ? OnDemandIdleUs : LingerUs;
                if (pool.IsPlanned || pool.IsStandby || pool.Receiver.Count > 0 || pool.Workers.Any(w => w.IsBusy) || _clock.NowUs - pool.LastUsedUs < linger)
                    return;
                leaving = [.. pool.Workers];
                pool.Workers.Clear();
                pool.Idle.Clear();
                pools.Remove(pool);
            });
            if (leaving is null)
                continue;
            lock (_pools)
                _pools.Remove(pool.Id);
            await pool.Receiver.DisposeAsync();
            foreach (var worker in leaving)
                worker.Dispose();
        }
    }

    /// <summary>Idle workers that retire and are not their pool's last leave now; busy ones when their batch ends.</summary>
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
