using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Cli.Load;

/// <summary>Open-loop load generator: sends at scheduled times whatever the answers, and measures from the scheduled times.</summary>
/// <param name="target">Target of the queries.</param>
/// <param name="time">The clock.</param>
/// <param name="maxInFlight">Most queries in flight; further ones are counted as not sent.</param>
internal sealed class LoadGenerator(ILoadTarget target, TimeProvider time, int maxInFlight = 4096)
{
    private readonly Lock _lock = new();
    private LoadRecord[] _records = [];
    private int _count;
    private int _inFlight;
    private long _origin;

    /// <summary>Queries sent and not answered.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Time since the start of the schedule.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_origin);

    /// <summary>Runs a schedule to its end and waits for the last answer.</summary>
    /// <returns>One record per arrival, in the order of their ends.</returns>
    public async Task<LoadRecord[]> RunAsync(IReadOnlyList<Arrival> arrivals, ulong seed, CancellationToken cancellationToken)
    {
        _records = new LoadRecord[arrivals.Count];
        _count = 0;
        var random = new StreamRandom(seed);
        var ends = new List<Task>(arrivals.Count);
        _origin = time.GetTimestamp();
        // A thread of its own: when the pool is busy with answers, the sends still leave in time.
        await Task.Factory.StartNew(
            () =>
            {
                foreach (var arrival in arrivals)
                {
                    if (!WaitUntil(arrival.AtUs, cancellationToken))
                        break;
                    ends.Add(SendAsync(arrival, random.NextBelow(target.Bodies), cancellationToken));
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        await Task.WhenAll(ends).ConfigureAwait(false);
        return Snapshot();
    }

    /// <summary>Returns the records of the queries that have ended so far; safe while the schedule runs.</summary>
    public LoadRecord[] Snapshot()
    {
        lock (_lock)
            return _records[.._count];
    }

    /// <summary>Returns the records of the queries that have ended since a given time, microseconds since the start; for live drawing
    /// without copying everything.</summary>
    public LoadRecord[] Recent(long sinceUs)
    {
        lock (_lock)
        {
            var from = _count;
            while (from > 0 && _records[from - 1].DoneUs >= sinceUs)
                from--;
            return _records[from.._count];
        }
    }

    private async Task SendAsync(Arrival arrival, int body, CancellationToken cancellationToken)
    {
        var sent = NowUs();
        if (Interlocked.Increment(ref _inFlight) > maxInFlight)
        {
            Interlocked.Decrement(ref _inFlight);
            Add(new LoadRecord(arrival.AtUs, sent, sent, arrival.Phase, body, new LoadReply(LoadStatus.NotSent)));
            return;
        }

        try
        {
            var reply = await target.SendAsync(body, cancellationToken).ConfigureAwait(false);
            Add(new LoadRecord(arrival.AtUs, sent, NowUs(), arrival.Phase, body, reply));
        }
        catch (OperationCanceledException)
        {
            // The user stopped the run: what was in flight is not counted.
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private void Add(LoadRecord record)
    {
        lock (_lock)
            _records[_count++] = record;
    }

    private long NowUs() => (long)time.GetElapsedTime(_origin).TotalMicroseconds;

    private bool WaitUntil(long atUs, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var leftMs = (atUs - NowUs()) / 1000.0;
            if (leftMs <= 0)
                return true;
            // Sleeping whole milliseconds costs no CPU; the last fraction of one is late by less than it and is measured.
            cancellationToken.WaitHandle.WaitOne(Math.Max(1, (int)Math.Min(leftMs, 100)));
        }

        return false;
    }
}
