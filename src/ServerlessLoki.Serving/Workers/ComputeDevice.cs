using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Dispatch;

namespace ServerlessLoki.Serving.Workers;

/// <summary>One kind of device: its slots' pools, and as many compute threads as batches may run at once.</summary>
/// <remarks>A free thread takes the runnable pool whose head must start soonest. The batch is formed at that very moment,
/// from all that is known by then. Idle slots cost nothing, and a busy pool may use what others leave unused.</remarks>
internal sealed class ComputeDevice : IDisposable
{
    private readonly object _gate = new();
    private readonly List<VariantPool> _pools = [];
    private readonly Thread[] _threads;
    private readonly ServingClock _clock;
    private readonly BatchExecutor _executor;
    private readonly ILogger _logger;
    private bool _stopping;

    public ComputeDevice(string name, int parallelism, ServingClock clock, BatchExecutor executor, ILogger<ComputeDevice> logger)
    {
        Name = name;
        _clock = clock;
        _executor = executor;
        _logger = logger;
        _threads = new Thread[parallelism];
        for (var i = 0; i < parallelism; i++)
        {
            _threads[i] = new Thread(Loop) { IsBackground = true, Name = $"compute {name}/{i}" };
            _threads[i].Start();
        }
    }

    public string Name { get; }

    public int Parallelism => _threads.Length;

    /// <summary>Called by queues when something arrived.</summary>
    public void Signal()
    {
        lock (_gate)
            Monitor.Pulse(_gate);
    }

    /// <summary>Changes pools and workers while no thread picks one.</summary>
    public void Change(Action<List<VariantPool>> change)
    {
        lock (_gate)
        {
            change(_pools);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Reads pools and workers while no thread picks one.</summary>
    public T Read<T>(Func<List<VariantPool>, T> read)
    {
        lock (_gate)
            return read(_pools);
    }

    /// <summary>Compute time of what waits before a new arrival, spread over the threads, microseconds.</summary>
    /// <param name="orderUs">The arrival's place in the queues, see <see cref="QueryScope.OrderUs"/>.</param>
    /// <param name="pipeline">Count this pipeline's only; null = all.</param>
    public double BacklogUs(long orderUs, int? pipeline = null)
    {
        lock (_gate)
        {
            double work = 0;
            foreach (var pool in _pools)
                work += pipeline is null || pipeline == pool.Id.Pipeline ? Math.Max(0, pool.Receiver.Count - pool.Receiver.CountAfter(orderUs)) * pool.RowCostUs : 0;
            return work / _threads.Length;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        foreach (var thread in _threads)
            thread.Join();
    }

    private void Loop()
    {
        while (Next() is { } worker)
        {
            var healthy = false;
            try
            {
                healthy = _executor.Execute(worker);
            }
            catch (Exception exception)
            {
                _logger.ThreadFault(exception, Name);
            }

            GiveBack(worker, healthy);
        }
    }

    private Worker? Next()
    {
        lock (_gate)
        {
            while (!_stopping)
            {
                var nowUs = _clock.NowUs;
                var pick = Pick(nowUs, out var rows, out var wakeUs);

                // Monitors wait whole milliseconds: less than one is not waited for, or the thread would spin on the lock.
                if (pick is null && wakeUs - nowUs < 1000)
                    pick = Pick(wakeUs, out rows, out wakeUs);
                if (pick is { } pool)
                {
                    var worker = pool.Idle.Pop();
                    pool.Receiver.Take(rows, worker.Batch);
                    worker.IsBusy = true;
                    pool.LastUsedUs = _clock.NowUs;
                    return worker;
                }

                if (wakeUs == long.MaxValue)
                    Monitor.Wait(_gate);
                else
                    Monitor.Wait(_gate, (int)Math.Clamp((wakeUs - nowUs) / 1000, 1, int.MaxValue));
            }

            return null;
        }
    }

    private VariantPool? Pick(long nowUs, out int rows, out long wakeUs)
    {
        VariantPool? best = null;
        var bestStartUs = double.MaxValue;
        wakeUs = long.MaxValue;
        rows = 0;
        foreach (var pool in _pools)
        {
            if (pool.Idle.Count == 0 || pool.Receiver.HeadOrderUs is var headUs && headUs == long.MaxValue)
                continue;
            var latestFinishUs = pool.LatestFinishUs(headUs, nowUs);
            var runnable = pool.RowsToRun(nowUs, latestFinishUs, out var poolWakeUs);
            wakeUs = Math.Min(wakeUs, poolWakeUs);
            if (runnable == 0)
                continue;
            var startUs = latestFinishUs - pool.Latency.LatencyUs(runnable);
            if (startUs < bestStartUs)
                (best, bestStartUs, rows) = (pool, startUs, runnable);
        }

        return best;
    }

    private void GiveBack(Worker worker, bool healthy)
    {
        var dispose = false;
        lock (_gate)
        {
            worker.IsBusy = false;
            var pool = worker.Pool;
            if (!healthy || (worker.IsRetiring && CanSpare(pool, worker)))
            {
                pool.Workers.Remove(worker);
                dispose = true;
            }
            else
            {
                pool.Idle.Push(worker);
            }
        }

        if (!dispose)
            return;
        worker.Dispose();
        if (!healthy)
            _executor.OnWorkerLost(worker);
    }

    /// <summary>A retiring worker stays while it is its pool's last: rows that were routed here by the plan before still come.
    /// The pool's last worker leaves with the pool, see <see cref="SlotManager"/>.</summary>
    private static bool CanSpare(VariantPool pool, Worker worker) => pool.Workers.Any(w => w != worker);
}
