using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Kind of device: its slots' pools, images to decode for them, and the compute threads that limit how many batches run at
/// once.</summary>
/// <remarks>A free thread takes the picture or the runnable pool whose head must start soonest. The batch is formed at that very moment,
/// from all that is known by then. Idle slots cost nothing, and a busy pool may use what others leave unused.</remarks>
internal sealed partial class ComputeDevice : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<VariantPool> _pools = [];
    private readonly Thread[] _threads;
    private readonly ServingClock _clock;
    private readonly BatchExecutor _executor;
    private readonly PictureDecoder? _decoder;
    private readonly PictureQueue _pictures = new();
    private readonly ILogger _logger;
    private readonly Sleepers _sleepers = new();
    private bool _stopping;

    /// <param name="name">Name of the device in the profile.</param>
    /// <param name="parallelism">Batches that compute at the same time.</param>
    /// <param name="clock">Clock.</param>
    /// <param name="executor">Runs batches.</param>
    /// <param name="logger">Receives faults.</param>
    /// <param name="decoder">Decodes images; null = there are none.</param>
    /// <param name="hasThreads">False where the caller does the threads' work in virtual time, see
    /// <see cref="TryTake(out Worker?, out PictureQueue.Entry?, out long)"/>.</param>
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
        Load = new DeviceLoad(parallelism, clock, _pictures);
        _threads = new Thread[hasThreads ? parallelism : 0];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Loop) { IsBackground = true, Name = $"compute {name}/{i}" };
            _threads[i].Start();
        }
    }

    public string Name { get; }

    public int Parallelism { get; }

    /// <summary>Waiting work on this device, for admission.</summary>
    public DeviceLoad Load { get; }

    /// <summary>Called by queues when something arrived.</summary>
    public void Signal() => _sleepers.WakeOne();

    /// <summary>Queues a root item whose image is to be decoded; takes over the caller's reference to its query.</summary>
    /// <param name="item">Item to decode for.</param>
    /// <param name="decodeUs">Expected decoding time, microseconds.</param>
    public void Decode(StageItem item, double decodeUs)
    {
        _pictures.Add(item, decodeUs, decodeUs + Load.RowCostUs(item));
        Signal();
    }

    /// <summary>Changes pools and workers while no thread picks one.</summary>
    public void Change(Action<List<VariantPool>> change)
    {
        lock (_gate)
        {
            change(_pools);
            Load.Follow(_pools);
        }

        _sleepers.WakeAll();
    }

    /// <summary>Reads pools and workers while no thread picks one.</summary>
    public T Read<T>(Func<List<VariantPool>, T> read)
    {
        lock (_gate)
            return read(_pools);
    }

    public void Dispose()
    {
        lock (_gate)
            _stopping = true;
        _sleepers.WakeAll();
        foreach (var thread in _threads)
            thread.Join();
        _sleepers.Dispose();
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

    /// <summary>Takes the work that a free thread would take now, if any; for a caller that does the threads' work.</summary>
    /// <param name="worker">Worker with its batch: call <see cref="Begin"/> for it.</param>
    /// <param name="picture">Image to decode instead.</param>
    /// <param name="wakeUs">Time to look again if nothing arrives, microseconds.</param>
    internal bool TryTake(out Worker? worker, out PictureQueue.Entry? picture, out long wakeUs)
    {
        lock (_gate)
            return TryTake(_clock.NowUs, out worker, out picture, out wakeUs);
    }

    /// <summary>Begins a batch that was taken; call <see cref="End"/> when its time is over.</summary>
    internal void Begin(Worker worker)
    {
        if (!_executor.Begin(worker))
            GiveBack(worker, healthy: false);
        else
            Begun(worker);
    }

    /// <summary>Removes rows that were dropped or sent elsewhere from the running work.</summary>
    private void Begun(Worker worker)
    {
        if (worker.Batch.Count == worker.InHand.Rows)
            return;
        lock (_gate)
            worker.InHand = new BatchInHand(worker.InHand.SinceUs, worker.Batch.Count);
    }

    /// <summary>Runs a batch that was begun, and forwards its results.</summary>
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

        _pictures.Done(picture);
    }

    /// <summary>Waits for a worker with its batch, or an image; neither when the device stops.</summary>
    private Worker? Next(out PictureQueue.Entry? picture)
    {
        while (true)
        {
            if (TryNext(out var worker, out picture, out _))
                return worker;
            _sleepers.Announce();
            if (TryNext(out worker, out picture, out var sleepMs))
            {
                _sleepers.Stay();
                return worker;
            }

            _sleepers.Sleep(sleepMs);
        }
    }

    /// <summary>Looks for work. True with work, or with none when the device stops.</summary>
    private bool TryNext(out Worker? worker, out PictureQueue.Entry? picture, out int sleepMs)
    {
        long wakeUs;
        lock (_gate)
        {
            (worker, picture, sleepMs) = (null, null, Timeout.Infinite);
            if (_stopping)
                return true;
            var nowUs = _clock.NowUs;
            // Sleep is measured in whole milliseconds: less than one is not waited for, or the thread would look all the time.
            if (!TryTake(nowUs, out worker, out picture, out wakeUs)
                && !(wakeUs - nowUs < 1000 && TryTake(wakeUs, out worker, out picture, out wakeUs)))
            {
                if (wakeUs != long.MaxValue)
                    sleepMs = (int)Math.Clamp((wakeUs - nowUs) / 1000, 1, int.MaxValue);
                return false;
            }
        }

        // Another batch waits for its rows: this thread, which might have been the only one to know until when, is busy now.
        if (wakeUs != long.MaxValue)
            _sleepers.WakeOne();
        return true;
    }

    private void GiveBack(Worker worker, bool healthy)
    {
        var dispose = false;
        lock (_gate)
        {
            var (pool, nowUs) = (worker.Pool, _clock.NowUs);
            if (healthy && worker.Delivered > 0)
                Load.Ended(nowUs, nowUs - worker.InHand.SinceUs, worker.Runs.Latency.LatencyUs(worker.Delivered));
            (worker.IsBusy, worker.InHand) = (false, default);
            if (!healthy || (worker.IsRetiring && CanSpare(pool, worker)))
            {
                pool.Workers.Remove(worker);
                Load.Follow(_pools);
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

    /// <summary>Tests whether a retiring worker may leave. The last one of a pool stays, since rows routed by the plan before still arrive;
    /// it leaves with the pool, see <see cref="SlotManager"/>.</summary>
    private static bool CanSpare(VariantPool pool, Worker worker) => pool.Workers.Any(w => w != worker);
}
