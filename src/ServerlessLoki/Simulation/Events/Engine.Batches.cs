using ServerlessLoki.Batching;
using ServerlessLoki.Routing;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Slots at work: who runs next, how many rows, for how long.</summary>
internal sealed partial class Engine
{
    private readonly Stage[] _stages;
    private readonly int[][] _stageBase;
    private readonly Device[] _devices;
    private readonly List<Pool> _pools = [];
    private Worker[] _workers = [];
    private int _workersUsed;
    private Stage[] _touched = new Stage[16];
    private int _touchedCount;
    private long _batches;

    private static int WorkerActor(int worker) => FirstActor + (2 * worker);

    private static int PoolActor(Pool pool) => FirstActor + (2 * pool.Index) + 1;

    /// <summary>Something arrived at these queues: their idle slots look, the fastest first.</summary>
    private void RunTouched()
    {
        for (var i = 0; i < _touchedCount; i++)
        {
            var stage = _touched[i];
            stage.IsTouched = false;
            foreach (var pool in stage.Pools)
                TryRun(pool);
        }

        _touchedCount = 0;
    }

    /// <summary>Starts what one pool can run. Enough after an event that concerns only this pool: all others with free threads
    /// have looked before and wait for their own wake-up.</summary>
    private void TryRun(Pool pool)
    {
        var queue = pool.Stage.Queue;
        while (pool.IdleCount > 0 && queue.Count > 0)
        {
            if (pool.Device.FreeThreads == 0)
            {
                pool.Device.IsStarved = true;
                return;
            }

            var rows = RowsToRun(pool, out _, out var wakeUs);
            if (rows == 0)
            {
                SetWake(pool, wakeUs);
                return;
            }

            StartBatch(pool, rows);
        }

        _heap.Remove(PoolActor(pool));
    }

    /// <summary>Threads were short: of all pools that can run, the one whose head must start soonest does.</summary>
    private void RunDevice(Device device)
    {
        while (device.FreeThreads > 0)
        {
            Pool? best = null;
            var bestStartUs = double.MaxValue;
            var bestRows = 0;
            foreach (var pool in device.Pools)
            {
                if (pool.IdleCount == 0 || pool.Stage.Queue.Count == 0)
                    continue;
                var rows = RowsToRun(pool, out var latestFinishUs, out var wakeUs);
                if (rows == 0)
                {
                    SetWake(pool, wakeUs);
                    continue;
                }

                var startUs = latestFinishUs - pool.Latency.LatencyUs(rows);
                if (startUs < bestStartUs)
                    (best, bestStartUs, bestRows) = (pool, startUs, rows);
            }

            if (best is null)
            {
                device.IsStarved = false;
                return;
            }

            StartBatch(best, bestRows);
        }
    }

    private void SetWake(Pool pool, long wakeUs)
    {
        if (wakeUs == long.MaxValue)
            _heap.Remove(PoolActor(pool));
        else
            _heap.Set(PoolActor(pool), Math.Max(wakeUs, _nowUs + 1));
    }

    private int RowsToRun(Pool pool, out long latestFinishUs, out long wakeUs)
    {
        var queue = pool.Stage.Queue;
        var headUs = queue.HeadOrderUs;
        latestFinishUs = pool.HasRoute ? StageBudgets.LatestFinishUs(in pool.Route, headUs, _nowUs) : headUs;
        wakeUs = long.MaxValue;
        if (pool != pool.Stage.Pools[0] && FasterSaves(pool, latestFinishUs))
            return 0;
        return _options.Batching switch
        {
            BatchingRule.FixedSize => FixedSizeBatching.Decide(queue.Count, pool.MaxBatch).Size,
            BatchingRule.FullBatch => Rows(DeadlineBatching.Decide(queue.Count, latestFinishUs, _nowUs, pool.MaxBatch, pool.Latency), out wakeUs),
            BatchingRule.Aimd => Rows(pool.Aimd!.Decide(queue.Count, _nowUs, pool.MaxBatch), out wakeUs),
            _ => PoolBatching.RowsToRun(
                queue.Count, _nowUs, latestFinishUs, pool.WaitBatch, pool.MaxBatch, pool.Latency, ref pool.Stage.WaitingSinceUs, out wakeUs),
        };
    }

    private static int Rows(BatchDecision decision, out long wakeUs)
    {
        wakeUs = decision.Action == BatchAction.Wait ? decision.WakeAtUs : long.MaxValue;
        return decision.Size;
    }

    /// <summary>A head that is too late for this device but not for a faster one is left to that.</summary>
    private bool FasterSaves(Pool pool, long latestFinishUs)
    {
        if (_nowUs + pool.SingleUs <= latestFinishUs)
            return false;
        foreach (var faster in pool.Stage.Pools)
        {
            if (faster == pool)
                return false;
            if (faster.Workers > 0 && _nowUs + faster.SingleUs <= latestFinishUs)
                return true;
        }

        return false;
    }

    private void StartBatch(Pool pool, int rows)
    {
        var stage = pool.Stage;
        foreach (var each in stage.Pools)
            each.Device.WorkNs -= rows * each.RowCostNs;
        var minBelowUs = pool.HasRoute ? pool.Route.MinBelowUs : 0;
        var singleUs = SingleUs(pool);
        var drops = _options.Drop == DropRule.EveryTask || (_options.Drop == DropRule.LastTask && stage.Outgoing.Length == 0);
        var outlives = _options.Drop == DropRule.TwiceObjective;
        var rescues = _options.Reroute && _options.RescueStranded;
        int first = -1, last = -1, kept = 0;
        for (var i = 0; i < rows; i++)
        {
            var r = stage.Queue.Take();
            var q = _rows[r].Query;
            ref readonly var query = ref _queries[q];
            if (!query.HasEnded && rescues
                && Comfort.IsStranded(query.ArrivalUs, query.DeadlineUs, _nowUs, pool.SingleUs + minBelowUs, stage.Task == 0)
                && TryRerouteToFastest(r, stage))
            {
                continue;
            }

            if (!query.HasEnded && drops && EarlyDrop.IsHopeless(query.DeadlineUs, _nowUs, singleUs, minBelowUs))
            {
                if (TryReroute(r, stage))
                    continue;
                End(q, SimulatedOutcome.Expired, Math.Min(_nowUs, query.DeadlineUs));
            }
            else if (!query.HasEnded && outlives && _nowUs - query.DeadlineUs > query.DeadlineUs - query.ArrivalUs)
            {
                End(q, SimulatedOutcome.Expired, _nowUs);
            }

            if (query.HasEnded)
            {
                stage.RowsGivenUp++;
                Release(r);
                continue;
            }

            if (last < 0)
                first = r;
            else
                _rows[last].Next = r;
            last = r;
            kept++;
        }

        pool.LastUsedUs = _nowUs;
        pool.Aimd?.Started();
        if (kept == 0)
            return;
        _rows[last].Next = -1;
        stage.Batches++;
        stage.RowsServed += kept;
        var w = PopIdle(pool);
        var worker = _workers[w];
        worker.IsBusy = true;
        worker.FirstRow = first;
        pool.Device.FreeThreads--;
        pool.Device.Busy.Add(_nowUs, 1);
        var expectedUs = pool.Profiled.LatencyUs(kept);
        var actualUs = BatchUs(pool, pool.Real.LatencyUs(kept));
        _cycle.Slowdown.Observe(actualUs, Math.Round(expectedUs));
        _heap.Set(WorkerActor(w), _nowUs + actualUs);
    }

    private long BatchUs(Pool pool, double medianUs)
    {
        var us = medianUs * _options.Slowdown;
        _batches++;
        if (pool.Sigma > 0)
            us *= Math.Exp(pool.Sigma * HashRandom.Normal(HashRandom.Mix(_seed + ((ulong)_batches * EdgeSalt))));
        return Math.Max(1, (long)Math.Round(us));
    }

    /// <summary>The fastest single run that this queue's rows may hope for.</summary>
    private static double SingleUs(Pool pool)
    {
        foreach (var other in pool.Stage.Pools)
        {
            if (other.Workers > 0)
                return Math.Min(other.SingleUs, pool.SingleUs);
        }

        return pool.SingleUs;
    }

    private void EndBatch(int w)
    {
        var worker = _workers[w];
        var pool = worker.Pool;
        var r = worker.FirstRow;
        worker.FirstRow = -1;
        pool.Aimd?.Ended(HasLate(r), pool.MaxBatch);
        while (r >= 0)
        {
            var next = _rows[r].Next;
            Forward(r);
            r = next;
        }

        RunTouched();
        FreeWorker(w);
        if (pool.Device.IsStarved)
            RunDevice(pool.Device);
        else
            TryRun(pool);
        RunTouched();
    }

    private bool HasLate(int row)
    {
        for (var r = row; r >= 0; r = _rows[r].Next)
        {
            if (_nowUs > _queries[_rows[r].Query].DeadlineUs)
                return true;
        }

        return false;
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

    private int PopIdle(Pool pool)
    {
        var w = pool.IdleHead;
        pool.IdleHead = _workers[w].NextIdle;
        pool.IdleCount--;
        return w;
    }

    private void PushIdle(Pool pool, int w)
    {
        _workers[w].NextIdle = pool.IdleHead;
        pool.IdleHead = w;
        pool.IdleCount++;
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
