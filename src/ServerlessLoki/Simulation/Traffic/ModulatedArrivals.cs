using System.Collections.Immutable;
using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Simulation.Traffic;

/// <summary>Markov-modulated Poisson process.</summary>
internal sealed class ModulatedArrivals : IArrivals
{
    private readonly ImmutableArray<(double Qps, TimeSpan MeanStay)> _states;
    private readonly int _pipeline;
    private readonly long _durationUs;

    public ModulatedArrivals(ImmutableArray<(double Qps, TimeSpan MeanStay)> states, TimeSpan duration, int pipeline)
    {
        ArgumentOutOfRangeException.ThrowIfZero(states.Length, nameof(states));
        foreach (var (qps, stay) in states)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(qps, nameof(states));
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(stay, TimeSpan.Zero, nameof(states));
        }

        _states = states;
        _pipeline = pipeline;
        _durationUs = (long)duration.TotalMicroseconds;
    }

    public long? DurationUs => _durationUs;

    public ArrivalStream Open(ulong seed) => new Stream(this, new StreamRandom(seed));

    private sealed class Stream : ArrivalStream
    {
        private readonly ModulatedArrivals _source;
        private readonly StreamRandom _random;
        private int _state;
        private double _nowUs;
        private double _leaveUs;

        public Stream(ModulatedArrivals source, StreamRandom random)
        {
            _source = source;
            _random = random;
            Enter((int)(random.NextUnit() * source._states.Length));
        }

        public override bool TryNext(out Arrival arrival)
        {
            arrival = default;
            while (_nowUs < _source._durationUs)
            {
                // Without memory, the wait for an arrival may start again when the state changes.
                var atUs = _nowUs + (_random.NextExponential() * 1e6 / _source._states[_state].Qps);
                if (atUs < _leaveUs)
                {
                    _nowUs = atUs;
                    if (atUs >= _source._durationUs)
                        return false;
                    arrival = new Arrival((long)atUs, _source._pipeline);
                    return true;
                }

                _nowUs = _leaveUs;
                var others = _source._states.Length - 1;
                Enter(others == 0 ? 0 : (_state + 1 + (int)(_random.NextUnit() * others)) % (others + 1));
            }

            return false;
        }

        private void Enter(int state)
        {
            _state = state;
            _leaveUs = _nowUs + (_random.NextExponential() * _source._states[state].MeanStay.TotalMicroseconds);
        }
    }
}
