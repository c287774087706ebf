using Microsoft.Extensions.Logging;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>One kind of device: its slots' pools, pictures to decode for them, and as many compute threads as batches may run at once.</summary>
/// <remarks>A free thread takes the picture or the runnable pool whose head must start soonest. The batch is formed at that very moment,
/// from all that is known by then. Idle slots cost nothing, and a busy pool may use what others leave unused.</remarks>
internal sealed class ComputeDevice : IDisposable
{
    private readonly object _gate = new();
    private readonly List<VariantPool> _pools = [];
    private readonly Thread[] _threads;
    private readonly ServingClock _clock;
    private readonly BatchExecutor _executor;
    private readonly PictureDecoder? _decoder;
    private readonly PictureQueue _pictures = new();
    private readonly ILogger _logger;
    private readonly Drift _drift = new();
    private double _decodingUs;
    private bool _stopping;

    /// <param name="name">Its name in the profile.</param>
    /// <param name="parallelism">Batches that compute at the same time.</param>
    /// <param name="clock">Clock.</param>
    /// <param name="executor">Runs batches.</param>
    /// <param name="logger">Where faults go.</param>
    /// <param name="decoder">Decodes pictures; null = there are none.</param>
    /// <param name="hasThreads">False where the caller does the threads' part in virtual time, see <see cref="TryTake(out Worker?, out PictureQueue.Entry?, out long)"/>.</param>
    public ComputeDevice(
        string name, int parallelism, ServingClock clock, BatchExecutor executor, ILogger<ComputeDevice> logger, PictureDecoder? decoder = null,
        bool hasThreads = true)
    {
        _decoder = decoder;
        Name = name;
        _clock = clock;
        _executor = executor;
        _logger = logger;
        Parallelism = parallelism;
        _threads = new Thread[hasThreads ? parallelism : 0];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Loop) { IsBackground = true, Name = $"compute {name}/{i}" };
            _threads[i].Start();
        }
    }

    public string Name { get; }

    public int Parallelism { get; }

    /// <summary>Called by queues when something arrived.</summary>
    public void Signal()
    {
        lock (_gate)
            Monitor.Pulse(_gate);
    }

    /// <summary>Takes a root item whose picture is to be decoded; the caller's reference to its query goes with it.</summary>
    /// <exception cref="InvalidOperationException">The device has no decoder.</exception>
    public void Decode(StageItem item)
    {
        var decodeUs = (_decoder ?? throw new InvalidOperationException("Nothing is decoded on this device.")).ExpectedUs(item.Scope.Input);
        lock (_gate)
        {
            _pictures.Add(item, decodeUs, decodeUs + ((RootOf(item)?.RowCostNs ?? 0) / 1000.0));
            Monitor.Pulse(_gate);
        }
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

    /// <summary>Compute time of what waits before a new arrival and of what is in hand, spread over the threads, microseconds.</summary>
    /// <param name="orderUs">The arrival's place in the queues, see <see cref="QueryScope.OrderUs"/>.</param>
    /// <param name="pipeline">Count this pipeline's only; null = all.</param>
    public double BacklogUs(long orderUs, int? pipeline = null)
    {
        lock (_gate)
        {
            var nowUs = _clock.NowUs;
            var workNs = 0L;
            foreach (var pool in _pools)
            {
                if (pipeline is not null && pipeline != pool.Id.Pipeline)
                    continue;
                workNs += Math.Max(0, pool.Receiver.Count - pool.Receiver.CountAfter(orderUs)) * pool.RowCostNs;
                foreach (var worker in pool.Workers)
                    workNs += worker.IsBusy ? WaitingWork.InHandNs(pool.Latency, worker.InHand.SinceUs, worker.InHand.Rows, pool.BelowCostNs, nowUs) : 0;
            }

            // What a picture costs is taken from what pictures took just now.
            var pictures = _pictures.CostBeforeUs(orderUs, pipeline) + (pipeline is null ? _decodingUs : 0);
            return (pictures / Parallelism) + WaitingWork.Us(workNs, _drift.Factor, Parallelism);
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
        while (_pictures.Count > 0)
            _pictures.Take().Item.Scope.Release();
    }

    private void Loop()
    {
        while (Next(out var picture) is var worker && (worker is not null || picture is not null))
        {
            if (worker is null)
                DecodeNow(picture!.Value);
            else
                RunNow(worker);
        }
    }

    private void RunNow(Worker worker)
    {
        var healthy = false;
        try
        {
            if (_executor.Begin(worker))
            {
                Begun(worker);
                healthy = _executor.End(worker);
            }
        }
        catch (Exception exception)
        {
            _logger.ThreadFault(exception, Name);
        }

        GiveBack(worker, healthy);
    }

    /// <summary>What a free thread takes now, if anything; for a caller that does the threads' part.</summary>
    /// <param name="worker">A worker with its batch: <see cref="Begin"/> it.</param>
    /// <param name="picture">Or a picture.</param>
    /// <param name="wakeUs">When to look again if nothing arrives.</param>
    internal bool TryTake(out Worker? worker, out PictureQueue.Entry? picture, out long wakeUs)
    {
        lock (_gate)
            return TryTake(_clock.NowUs, out worker, out picture, out wakeUs);
    }

    /// <summary>Begins a batch that was taken; <see cref="End"/> it when its time is over.</summary>
    internal void Begin(Worker worker)
    {
        if (!_executor.Begin(worker))
            GiveBack(worker, healthy: false);
        else
            Begun(worker);
    }

    /// <summary>What was dropped or sent elsewhere is no work in hand.</summary>
    private void Begun(Worker worker)
    {
        if (worker.Batch.Count == worker.InHand.Rows)
            return;
        lock (_gate)
            worker.InHand = (worker.InHand.SinceUs, worker.Batch.Count);
    }

    /// <summary>Runs a batch that was begun, and hands on what it answered.</summary>
    internal void End(Worker worker) => GiveBack(worker, _executor.End(worker));

    private void DecodeNow(PictureQueue.Entry picture)
    {
        try
        {
            _decoder!.Execute(picture.Item);
        }
        catch (Exception exception)
        {
            _logger.ThreadFault(exception, Name);
        }

        lock (_gate)
            _decodingUs = Math.Max(0, _decodingUs - picture.CostUs);
    }

    /// <summary>A worker with its batch, or a picture; neither when the device stops.</summary>
    private Worker? Next(out PictureQueue.Entry? picture)
    {
        picture = null;
        lock (_gate)
        {
            while (!_stopping)
            {
                var nowUs = _clock.NowUs;
                // Monitors wait whole milliseconds: less than one is not waited for, or the thread would spin on the lock.
                if (TryTake(nowUs, out var worker, out picture, out var wakeUs)
                    || (wakeUs - nowUs < 1000 && TryTake(wakeUs, out worker, out picture, out wakeUs)))
                {
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

    private bool TryTake(long nowUs, out Worker? worker, out PictureQueue.Entry? picture, out long wakeUs)
    {
        (worker, picture) = (null, null);
        var pick = Pick(nowUs, out var rows, out var startUs, out wakeUs);
        if (_pictures.Count > 0 && PictureStartUs(nowUs) <= startUs)
        {
            picture = _pictures.Take();
            _decodingUs += picture.Value.CostUs;
            return true;
        }

        if (pick is not { } pool)
            return false;
        worker = pool.Idle.Pop();
        pool.Receiver.Take(rows, worker.Batch);
        worker.IsBusy = true;
        worker.InHand = (_clock.NowUs, worker.Batch.Count);
        pool.LastUsedUs = worker.InHand.SinceUs;
        return true;
    }

    /// <summary>When the first picture must be taken up, so that its query's root batch starts in time.</summary>
    private double PictureStartUs(long nowUs)
    {
        var head = _pictures.Head;
        var orderUs = head.Item.Scope.OrderUs;
        return RootOf(head.Item) is { } root
            ? root.LatestFinishUs(orderUs, nowUs) - root.Latency.LatencyUs(root.WaitBatch) - head.DecodeUs
            : orderUs - head.DecodeUs;
    }

    private VariantPool? RootOf(StageItem item)
    {
        foreach (var pool in _pools)
        {
            if (pool.Id.Pipeline == item.Scope.Pipeline && pool.Id.Task == item.Task && pool.Id.Variant == item.Variant)
                return pool;
        }

        return null;
    }

    /// <summary>The runnable pool whose head must start soonest; of equal ones the first in the graph.</summary>
    private VariantPool? Pick(long nowUs, out int rows, out double bestStartUs, out long wakeUs)
    {
        VariantPool? best = null;
        bestStartUs = double.MaxValue;
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
            if (startUs < bestStartUs || (startUs == bestStartUs && pool.Id.IsBefore(best!.Id)))
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
            if (healthy && worker.Delivered > 0)
                _drift.Observe(_clock.NowUs, _clock.NowUs - worker.InHand.SinceUs, pool.Latency.LatencyUs(worker.Delivered));
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
