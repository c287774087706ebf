using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Benchmarks.Reproduction.Rivals;

/// <summary>The beginning of some traffic.</summary>
internal sealed class FirstPart(IArrivals arrivals, TimeSpan length) : IArrivals
{
    private readonly long _endUs = (long)length.TotalMicroseconds;

    public long? DurationUs => Math.Min(_endUs, arrivals.DurationUs ?? _endUs);

    public ImmutableArray<ClientGroup> Clients => arrivals.Clients;

    public ArrivalStream Open(ulong seed) => new Cut(arrivals.Open(seed), _endUs);

    private sealed class Cut(ArrivalStream inner, long endUs) : ArrivalStream
    {
        public override bool TryNext(out Arrival arrival) => inner.TryNext(out arrival) && arrival.AtUs < endUs;
    }
}
