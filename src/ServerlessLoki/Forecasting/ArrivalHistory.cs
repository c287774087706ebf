using System.Runtime.InteropServices;

namespace ServerlessLoki.Forecasting;

/// <summary>Recent arrivals, in a ring that grows with the rate and never shrinks. Not thread-safe.</summary>
public sealed class ArrivalHistory
{
    private readonly long _keepUs;
    private long _startUs;
    private Arrival[] _ring = new Arrival[256];
    private int _first;
    private int _count;

    /// <summary>Number of arrivals, counted from the oldest, that <see cref="Believe"/> has already thinned out.</summary>
    private int _settled;

    /// <summary>Creates an empty history.</summary>
    /// <param name="keep">Length of the history; above 0.</param>
    /// <param name="nowUs">Current time, microseconds; the window cannot begin before.</param>
    public ArrivalHistory(TimeSpan keep, long nowUs = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(keep, TimeSpan.Zero);
        _keepUs = (long)keep.TotalMicroseconds;
        _startUs = nowUs;
    }

    /// <summary>Adds an arrival.</summary>
    /// <param name="arrival">The arrival. One that is earlier than the last arrival is recorded at the time of the last arrival.</param>
    public void Add(in Arrival arrival)
    {
        var entry = arrival;
        if (_count > 0 && At(_count - 1).AtUs is var newestUs && newestUs > arrival.AtUs)
            entry = arrival with { AtUs = newestUs };
        Forget(entry.AtUs);
        if (_count == _ring.Length)
            Grow();
        _ring[(_first + _count++) & (_ring.Length - 1)] = entry;
    }

    /// <summary>Thins out the arrivals since the last call to those that are demand, evenly for each pipeline. A refused query that is sent
    /// again at once is not another query, and must not be replayed as one.</summary>
    /// <param name="demand">Demand counters, one per pipeline, just updated by <see cref="DemandCount.Take"/>.</param>
    public void Believe(ReadOnlySpan<DemandCount> demand)
    {
        var kept = _count;
        foreach (var count in demand)
        {
            if (count.Believed < count.Came)
                kept = _settled;
        }

        if (kept < _count)
        {
            Span<long> due = demand.Length <= 64 ? stackalloc long[demand.Length] : new long[demand.Length];
            due.Clear();
            for (var i = kept; i < _count; i++)
            {
                var (p, count) = (At(i).Pipeline, demand[At(i).Pipeline]);
                due[p] += count.Believed;
                if (due[p] < count.Came)
                    continue;
                due[p] -= count.Came;
                At(kept++) = At(i);
            }
        }

        (_count, _settled) = (kept, kept);
    }

    /// <summary>Returns the arrivals that are kept.</summary>
    /// <param name="nowUs">Current time, microseconds; raised to the last arrival's time where it is earlier.</param>
    public ArrivalWindow Window(long nowUs)
    {
        if (_count > 0)
            nowUs = Math.Max(nowUs, At(_count - 1).AtUs);
        Forget(nowUs);
        var arrivals = new Arrival[_count];
        for (var i = 0; i < arrivals.Length; i++)
            arrivals[i] = At(i);
        return new ArrivalWindow(_startUs, nowUs, ImmutableCollectionsMarshal.AsImmutableArray(arrivals));
    }

    private ref Arrival At(int index) => ref _ring[(_first + index) & (_ring.Length - 1)];

    private void Forget(long nowUs)
    {
        _startUs = Math.Max(_startUs, nowUs - _keepUs);
        while (_count > 0 && At(0).AtUs < _startUs)
        {
            _first = (_first + 1) & (_ring.Length - 1);
            _count--;
            _settled = Math.Max(0, _settled - 1);
        }
    }

    private void Grow()
    {
        var larger = new Arrival[2 * _ring.Length];
        for (var i = 0; i < _count; i++)
            larger[i] = At(i);
        (_ring, _first) = (larger, 0);
    }
}
