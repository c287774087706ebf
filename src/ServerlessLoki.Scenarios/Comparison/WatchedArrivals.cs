using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Arrivals that report the progress of reading, at each hundredth of their length.</summary>
internal sealed class WatchedArrivals(IArrivals arrivals, Action<double> report) : IArrivals
{
    public long? DurationUs => arrivals.DurationUs;

    public ImmutableArray<ClientGroup> Clients => arrivals.Clients;

    public ArrivalStream Open(ulong seed) => new Stream(arrivals.Open(seed), Math.Max(1, arrivals.DurationUs ?? long.MaxValue), report);

    private sealed class Stream(ArrivalStream inner, long durationUs, Action<double> report) : ArrivalStream
    {
        private const int Steps = 100;
        private long _nextUs = durationUs / Steps;

        public override bool TryNext(out Arrival arrival)
        {
            if (!inner.TryNext(out arrival))
                return false;
            if (arrival.AtUs >= _nextUs)
            {
                report(Math.Min(1, (double)arrival.AtUs / durationUs));
                _nextUs = arrival.AtUs + Math.Max(1, durationUs / Steps);
            }

            return true;
        }
    }
}
