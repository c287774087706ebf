namespace ServerlessLoki.Serving.Slots;

/// <summary>Threads that wait for work. Waking one takes no lock, and no system call while all are awake.</summary>
/// <remarks>A thread that finds no work announces itself and looks once more. Work that arrived before wakes no thread; later work claims
/// an announced one. Each claim gives one permit, so a thread that was claimed while it did not sleep takes the permit.</remarks>
internal sealed class Sleepers : IDisposable
{
    private readonly Semaphore _permits = new(0, int.MaxValue);
    private int _announced;

    /// <summary>Announces that the calling thread is about to sleep: the thread looks for work once more, and then calls
    /// <see cref="Sleep"/> or <see cref="Stay"/>.</summary>
    public void Announce() => Interlocked.Increment(ref _announced);

    /// <summary>Withdraws the announcement of a thread that found work. If it was woken meanwhile, that may have been for other work:
    /// another thread is woken in its place.</summary>
    public void Stay()
    {
        if (TryClaim())
            return;
        _permits.WaitOne();
        WakeOne();
    }

    /// <summary>Blocks the thread until it is woken.</summary>
    /// <param name="most">Longest sleep, milliseconds; −1 = no limit.</param>
    public void Sleep(int most)
    {
        if (!_permits.WaitOne(most) && !TryClaim())
            _permits.WaitOne();
    }

    /// <summary>Wakes one sleeping thread, if any. Call it after the work is visible.</summary>
    public void WakeOne()
    {
        Interlocked.MemoryBarrier();
        if (TryClaim())
            _permits.Release();
    }

    /// <summary>Wakes all sleeping threads.</summary>
    public void WakeAll()
    {
        Interlocked.MemoryBarrier();
        while (TryClaim())
            _permits.Release();
    }

    public void Dispose() => _permits.Dispose();

    private bool TryClaim()
    {
        var announced = Volatile.Read(ref _announced);
        while (announced > 0)
        {
            var seen = Interlocked.CompareExchange(ref _announced, announced - 1, announced);
            if (seen == announced)
                return true;
            announced = seen;
        }

        return false;
    }
}
