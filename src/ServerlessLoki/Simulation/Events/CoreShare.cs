namespace ServerlessLoki.Simulation.Events;

/// <summary>Jobs that share cores equally, see <see cref="HostCores"/>.</summary>
/// <remarks>All run at the same speed, so they end in the order of (work served when they came + own work): one number moves on
/// with time, and what is queued by it never moves.</remarks>
internal sealed class CoreShare(double cores)
{
    private readonly PriorityQueue<int, (double EndsAt, long Order)> _jobs = new();

    /// <summary>Core time of a job that was there from the start, microseconds.</summary>
    private double _served;
    private long _sinceUs;
    private long _order;

    public int Count => _jobs.Count;

    /// <summary>Time when the next job ends unless others start before, microseconds; <see cref="long.MaxValue"/> when there is
    /// none.</summary>
    public long NextUs => _jobs.TryPeek(out _, out var next)
        ? _sinceUs + Math.Max(0, (long)Math.Ceiling((next.EndsAt - _served) / Speed))
        : long.MaxValue;

    private double Speed => Math.Min(1, cores / _jobs.Count);

    public void Start(int job, double workUs, long nowUs)
    {
        Advance(nowUs);
        _jobs.Enqueue(job, (_served + workUs, _order++));
    }

    /// <summary>Takes the job that has ended.</summary>
    public int Take(long nowUs)
    {
        Advance(nowUs);
        return _jobs.Dequeue();
    }

    public void Remove(int job, long nowUs)
    {
        Advance(nowUs);
        _jobs.Remove(job, out _, out _);
    }

    private void Advance(long nowUs)
    {
        // From zero again where nobody has a part in it: it stays exact however long the run.
        _served = _jobs.Count == 0 ? 0 : _served + ((nowUs - _sinceUs) * Speed);
        _sinceUs = nowUs;
    }
}
