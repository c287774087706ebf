using System.Collections.Immutable;
using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Simulation.Traffic;

/// <summary>A trace as it was recorded, with each query's own pipeline and bounds where it has them.</summary>
public sealed class RecordedArrivals : IArrivals
{
    private readonly ImmutableArray<Arrival> _arrivals;

    /// <summary>Makes the trace from arrivals in order of time.</summary>
    /// <param name="arrivals">Times must not fall and be at least 0.</param>
    /// <param name="duration">Length of the recording; null = up to the last arrival.</param>
    /// <exception cref="ArgumentException">A time falls or is below 0.</exception>
    public RecordedArrivals(ImmutableArray<Arrival> arrivals, TimeSpan? duration = null)
    {
        var last = 0L;
        for (var i = 0; i < arrivals.Length; i++)
        {
            if (arrivals[i].AtUs < last)
                throw new ArgumentException($"Arrival {i} comes at {arrivals[i].AtUs} µs, after one at {last} µs: sort the trace by time.", nameof(arrivals));
            last = arrivals[i].AtUs;
        }

        _arrivals = arrivals;
        LargestRecord = arrivals.Max(a => a.Record);
        DurationUs = duration is { } length ? Math.Max(last, (long)length.TotalMicroseconds) : last;
    }

    /// <inheritdoc/>
    public long? DurationUs { get; }

    internal int? LargestRecord { get; }

    /// <inheritdoc/>
    public ArrivalStream Open(ulong seed) => new Stream(_arrivals);

    private sealed class Stream(ImmutableArray<Arrival> arrivals) : ArrivalStream
    {
        private int _next;

        public override bool TryNext(out Arrival arrival)
        {
            if (_next >= arrivals.Length)
            {
                arrival = default;
                return false;
            }

            arrival = arrivals[_next++];
            return true;
        }
    }
}
