namespace ServerlessLoki.Routing;

/// <summary>Ratio of batch times to the plan's expectation over the last half second. Plans follow the machine within seconds; admission
/// must follow sooner. One thread at a time observes; any thread reads the factor.</summary>
public sealed class Drift
{
    private const double Least = 0.5;
    private const double Most = 8;

    /// <summary>Time after which an observation counts for a third, microseconds.</summary>
    private const double MemoryUs = 500_000;

    /// <summary>Weight of the initial assumption that batches take the expected time, microseconds, so that one batch does not
    /// decide.</summary>
    private const double PriorUs = 20_000;
    private double _actualUs;
    private double _expectedUs;
    private long _atUs;
    private double _factor = 1;

    /// <summary>Ratio of actual to expected time, as last seen; 1 before any batch ended.</summary>
    public double Factor => Volatile.Read(ref _factor);

    /// <summary>Adds the time of a batch that ended.</summary>
    /// <param name="nowUs">Current time, microseconds.</param>
    /// <param name="actualUs">Time that the batch held its thread, microseconds.</param>
    /// <param name="expectedUs">Time expected by the plan, microseconds.</param>
    public void Observe(long nowUs, double actualUs, double expectedUs)
    {
        var kept = Math.Exp(-Math.Max(0, nowUs - _atUs) / MemoryUs);
        _atUs = nowUs;
        _actualUs = (_actualUs * kept) + actualUs;
        _expectedUs = (_expectedUs * kept) + expectedUs;
        Volatile.Write(ref _factor, Math.Clamp((_actualUs + PriorUs) / (_expectedUs + PriorUs), Least, Most));
    }
}
