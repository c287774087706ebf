namespace ServerlessLoki.Simulation.Events;

/// <summary>Workers of the pools: present, idle and leaving ones.</summary>
internal sealed partial class Engine
{
    /// <summary>Time that a variant without a place in the plan stays after its last row, microseconds: the next plan may want it
    /// back.</summary>
    private const long LingerUs = 1_000_000;
    private readonly Stack<int> _freeWorkers = new();
    private Worker[] _workers = [];
    private int _workersUsed;

    private static int WorkerActor(int worker) => FirstActor + worker;

    private int AddWorker(Pool pool, Slot? slot)
    {
        if (!_freeWorkers.TryPop(out var w))
        {
            w = _workersUsed++;
            if (w == _workers.Length)
                Array.Resize(ref _workers, Math.Max(16, 2 * w));
            _workers[w] = new Worker();
            _heap.Reserve(WorkerActor(w) + 1);
        }

        var worker = _workers[w];
        (worker.Pool, worker.Runs, worker.Slot, worker.IsBusy, worker.IsRetiring, worker.IsBeside, worker.FirstRow) = (pool, pool, slot, false, false, slot is null, -1);
        if (pool.Workers++ == 0)
            pool.Device.Pools.Add(pool);
        pool.Stage.Workers++;
        PushIdle(pool, w);
        CountServer(pool.Device, slot is null ? 0 : pool.Stage.SlotsPerWorker);
        return w;
    }

    /// <summary>Removes a worker that is neither busy nor among the idle ones.</summary>
    private void RemoveWorker(int w)
    {
        var pool = _workers[w].Pool;
        if (_workers[w].IsRetiring)
            pool.Retiring--;
        _workers[w].IsRetiring = false;
        pool.Stage.Workers--;
        if (--pool.Workers == 0)
            pool.Device.Pools.Remove(pool);
        _freeWorkers.Push(w);
        pool.Stage.RowsPerUs = RowsPerUs(pool.Stage);
        CountServer(pool.Device, _workers[w].IsBeside ? 0 : -pool.Stage.SlotsPerWorker);
    }

    /// <summary>Retires the slot's worker, if it has one.</summary>
    private void Retire(Slot slot)
    {
        if (slot.Worker < 0)
            return;
        var worker = _workers[slot.Worker];
        worker.IsRetiring = true;
        worker.Slot = null;
        worker.Pool.Retiring++;
        slot.Worker = -1;
    }

    /// <summary>Removes idle workers that retire, except for the last one of a queue.</summary>
    private void LetSparedGo()
    {
        for (var w = 0; w < _workersUsed; w++)
        {
            var worker = _workers[w];
            if (!worker.IsRetiring || worker.IsBusy || worker.Pool.Stage.Workers == 1)
                continue;
            UnlinkIdle(worker.Pool, w);
            RemoveWorker(w);
        }
    }

    /// <summary>Removes variants outside the plan when their queue has been empty for a while.</summary>
    private void LetDrainedGo()
    {
        LetSparedGo();
        var changed = false;
        foreach (var pool in _pools)
        {
            if (pool.IsPlanned || pool.IsStandby || pool.Workers == 0 || pool.IdleCount < pool.Workers || pool.Stage.Queue.Count > 0
                || _nowUs - pool.LastUsedUs < LingerUs)
            {
                continue;
            }

            while (pool.IdleCount > 0)
                RemoveWorker(PopIdle(pool));
            changed = true;
        }

        if (changed)
            Relink();
    }

    private void CountServer(Device device, int change)
    {
        _servers.Add(_nowUs, change);
        _price.Add(_nowUs, change * device.PricePerHour);
    }

    private void FreeWorker(int w)
    {
        var worker = _workers[w];
        var pool = worker.Pool;
        worker.IsBusy = false;
        pool.Device.FreeThreads++;
        pool.Device.Busy.Add(_nowUs, -1);
        pool.LastUsedUs = _nowUs;
        // The last worker of a queue stays while rows that were routed here before still come.
        if (worker.IsRetiring && pool.Stage.Workers > 1)
            RemoveWorker(w);
        else
            PushIdle(pool, w);
    }

    private void PushIdle(Pool pool, int w)
    {
        _workers[w].NextIdle = pool.IdleHead;
        pool.IdleHead = w;
        pool.IdleCount++;
    }

    private int PopIdle(Pool pool)
    {
        var w = pool.IdleHead;
        pool.IdleHead = _workers[w].NextIdle;
        pool.IdleCount--;
        return w;
    }

    private void UnlinkIdle(Pool pool, int w)
    {
        if (pool.IdleHead == w)
        {
            PopIdle(pool);
            return;
        }

        for (var at = pool.IdleHead; at >= 0; at = _workers[at].NextIdle)
        {
            if (_workers[at].NextIdle != w)
                continue;
            _workers[at].NextIdle = _workers[w].NextIdle;
            pool.IdleCount--;
            return;
        }
    }
}
