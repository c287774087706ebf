using ServerlessLoki.Batching;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Scheduling: which pool runs next, how many rows, or when it looks again.</summary>
internal sealed partial class Engine
{
    private Stage[] _touched = new Stage[16];
    private int _touchedCount;

    /// <summary>Marks a queue as changed, so that its idle slots look at it.</summary>
    private void Touch(Stage stage)
    {
        if (stage.IsTouched)
            return;
        stage.IsTouched = true;
        if (_touchedCount == _touched.Length)
            Array.Resize(ref _touched, 2 * _touchedCount);
        _touched[_touchedCount++] = stage;
    }

    /// <summary>Lets the idle slots of changed queues look. A pool looks alone where only it is concerned: all others with free threads
    /// have looked before and wait for their own wake-up. Of several pools on shared threads the one whose head must start soonest runs
    /// first.</summary>
    private void RunTouched()
    {
        do
        {
            for (var i = 0; i < _touchedCount; i++)
            {
                var stage = _touched[i];
                stage.IsTouched = false;
                foreach (var pool in stage.Pools)
                {
                    if (pool.Device.IsShared && (_touchedCount > 1 || _wakes.NextUs <= _nowUs || LooksBeside(pool.Device)))
                        pool.Device.IsStarved = true;
                    else if (!pool.Device.IsStarved)
                        TryRun(pool);
                }
            }

            _touchedCount = 0;
            foreach (var device in _devices)
            {
                if (device.IsStarved)
                    RunDevice(device);
            }
        }
        while (_touchedCount > 0);
    }

    /// <summary>Tests whether free threads of another device look at this moment: devices then look in their order, whatever was
    /// changed.</summary>
    private bool LooksBeside(Device device)
    {
        for (var d = 0; d < _devices.Length && _devices.Length > 1; d++)
        {
            if (_devices[d] != device && _devices[d].IsStarved && _devices[d].FreeThreads > 0)
                return true;
        }

        return false;
    }

    /// <summary>Starts a batch of one pool if it can run.</summary>
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

            var touched = _touchedCount;
            StartBatch(pool, rows);
            if (pool.Device.IsShared && _touchedCount > touched)
            {
                // What was sent elsewhere may have to start sooner than the rest here.
                pool.Device.IsStarved = true;
                return;
            }
        }

        _wakes.Remove(pool.Index);
    }

    /// <summary>Runs, of all pools that can run, the one whose head must start soonest; of equal ones the first in the graph.</summary>
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

                var startUs = latestFinishUs - (pool.Runs ?? pool).Latency.LatencyUs(rows);
                if (startUs < bestStartUs || (startUs == bestStartUs && pool.Stage.Index < best!.Stage.Index))
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
            _wakes.Remove(pool.Index);
        else
            _wakes.Set(pool.Index, Math.Max(wakeUs, _nowUs + 1));
    }

    private int RowsToRun(Pool pool, out long latestFinishUs, out long wakeUs)
    {
        var queue = pool.Stage.Queue;
        var headUs = queue.HeadOrderUs;
        latestFinishUs = pool.HasRoute ? StageBudgets.LatestFinishUs(in pool.Route, headUs, _nowUs) : headUs;
        wakeUs = long.MaxValue;
        if (pool != pool.Stage.Pools[0] && FasterSaves(pool, latestFinishUs))
            return 0;
        if (pool.Residents is { } residents)
            return ResidentRows(pool, residents, latestFinishUs);
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

    /// <summary>Tests whether a faster device can still serve a head that is too late for this one; the head is then left to that
    /// device.</summary>
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
}
