using System.Collections.Immutable;
using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Simulation.Traffic;

/// <summary>A renewal process with gamma gaps of mean 1 in operational time, stretched to a rate that is constant by steps.</summary>
internal sealed class RateArrivals : IArrivals
{
    private readonly ImmutableArray<double> _ratesQps;
    private readonly long _stepUs;
    private readonly double _squaredCv;
    private readonly int _pipeline;

    public RateArrivals(ImmutableArray<double> ratesQps, TimeSpan step, double squaredCv, int pipeline)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(step, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(squaredCv);
        ArgumentOutOfRangeException.ThrowIfNegative(pipeline);
        foreach (var rate in ratesQps)
            ArgumentOutOfRangeException.ThrowIfNegative(rate, nameof(ratesQps));
        _ratesQps = ratesQps;
        _stepUs = (long)step.TotalMicroseconds;
        _squaredCv = squaredCv;
        _pipeline = pipeline;
    }

    public long? DurationUs => _stepUs * _ratesQps.Length;

    public ArrivalStream Open(ulong seed) => new Stream(this, new StreamRandom(seed));

    private sealed class Stream(RateArrivals source, StreamRandom random) : ArrivalStream
    {
        private int _step;
        private double _nowUs;

        public override bool TryNext(out Arrival arrival)
        {
            var gap = Gap();
            while (_step < source._ratesQps.Length)
            {
                var perUs = source._ratesQps[_step] * 1e-6;
                var endUs = (_step + 1.0) * source._stepUs;
                var fits = perUs * (endUs - _nowUs);
                if (gap < fits)
                {
                    _nowUs += gap / perUs;
                    arrival = new Arrival((long)_nowUs, source._pipeline);
                    return true;
                }

                gap -= fits;
                _nowUs = endUs;
                _step++;
            }

            arrival = default;
            return false;
        }

        private double Gap()
        {
            var cv2 = source._squaredCv;
            return cv2 == 1 ? random.NextExponential() : cv2 == 0 ? 1 : random.NextGamma(1 / cv2) * cv2;
        }
    }
}
