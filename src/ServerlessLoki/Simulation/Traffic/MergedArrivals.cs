using System.Collections.Immutable;
using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Simulation.Traffic;

/// <summary>Several streams merged in order of time. Each keeps its own seed, so that adding one changes no other.</summary>
internal sealed class MergedArrivals(ImmutableArray<IArrivals> parts) : IArrivals
{
    public long? DurationUs => parts.Any(p => p.DurationUs is null) ? null : parts.Max(p => p.DurationUs) ?? 0;

    public ImmutableArray<ClientGroup> Clients => [.. parts.SelectMany(p => p.Clients)];

    public ArrivalStream Open(ulong seed) =>
        new Stream([.. parts.Select((p, i) => p.Open(HashRandom.Mix(seed + ((ulong)i * HashRandom.Golden))))]);

    private sealed class Stream : ArrivalStream
    {
        private readonly ArrivalStream[] _parts;
        private readonly Arrival[] _heads;
        private readonly long[] _atUs;

        public Stream(ArrivalStream[] parts)
        {
            _parts = parts;
            _heads = new Arrival[parts.Length];
            _atUs = new long[parts.Length];
            for (var i = 0; i < parts.Length; i++)
                Advance(i);
        }

        public override bool TryNext(out Arrival arrival)
        {
            // Few streams: looking at all heads beats a heap.
            int first = -1;
            var atUs = long.MaxValue;
            for (var i = 0; i < _atUs.Length; i++)
            {
                if (_atUs[i] < atUs)
                    (first, atUs) = (i, _atUs[i]);
            }

            if (first < 0)
            {
                arrival = default;
                return false;
            }

            arrival = _heads[first];
            Advance(first);
            return true;
        }

        private void Advance(int part) =>
            _atUs[part] = _parts[part].TryNext(out _heads[part]) ? _heads[part].AtUs : long.MaxValue;
    }
}
