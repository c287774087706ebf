using System.Collections.Immutable;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Arrivals and outcomes, second by second.</summary>
internal sealed class SecondMeter(long? durationUs)
{
    private const long SecondUs = 1_000_000;
    private const int BinSeconds = 10;
    private readonly LatencyHistogram _latency = new();

    // A known length is reserved at once, so that long runs do not copy.
    private SecondSample[] _seconds = new SecondSample[(int)Math.Min(1 << 20, ((durationUs ?? 0) / SecondUs) + 64)];
    private int _count;
    private int _onTime;
    private int _late;
    private int _rejected;
    private int _expired;
    private double _accuracySum;

    public int Arrivals;

    public long NextUs { get; private set; } = SecondUs;

    public void Ended(SimulatedOutcome outcome, long latencyUs, double accuracy)
    {
        switch (outcome)
        {
            case SimulatedOutcome.OnTime:
                _onTime++;
                _accuracySum += accuracy;
                _latency.Add(latencyUs);
                break;
            case SimulatedOutcome.Late:
                _late++;
                _latency.Add(latencyUs);
                break;
            case SimulatedOutcome.Rejected:
                _rejected++;
                break;
            default:
                _expired++;
                break;
        }
    }

    /// <summary>Closes all seconds that end by <paramref name="nowUs"/>.</summary>
    public void Roll(long nowUs, double forecastQps, int servers)
    {
        while (NextUs <= nowUs)
        {
            if (_count == _seconds.Length)
                Array.Resize(ref _seconds, 2 * _count);
            _seconds[_count++] = new SecondSample(
                Arrivals, _onTime, _late, _rejected, _expired, _accuracySum, (float)_latency.Quantile(0.99), (float)forecastQps, servers);
            (Arrivals, _onTime, _late, _rejected, _expired, _accuracySum) = (0, 0, 0, 0, 0, 0);
            _latency.Clear();
            NextUs += SecondUs;
        }
    }

    public ImmutableArray<SecondSample> Seconds() => [.. _seconds.AsSpan(0, _count)];

    /// <summary>Computes the least mean accuracy over 10-s bins that begin with the window.</summary>
    public double WorstAccuracy(long fromUs, long toUs)
    {
        var worst = double.NaN;
        var end = (int)Math.Min(_count, (toUs + SecondUs - 1) / SecondUs);
        for (var bin = (int)((fromUs + SecondUs - 1) / SecondUs); bin < end; bin += BinSeconds)
        {
            var (answered, sum) = (0, 0.0);
            foreach (ref readonly var second in _seconds.AsSpan(bin, Math.Min(BinSeconds, end - bin)))
            {
                answered += second.OnTime;
                sum += second.AccuracySum;
            }

            if (answered > 0 && !(sum / answered >= worst))
                worst = sum / answered;
        }

        return worst;
    }
}
