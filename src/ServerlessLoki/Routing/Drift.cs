namespace ServerlessLoki.Routing;

/// <summary>How much longer batches hold a thread than the plan in force expects, over the last half second: plans follow the machine within
/// seconds, admission must sooner. One thread at a time observes; any thread reads the factor.</summary>
public sealed class Drift
{
    private const double Least = 0.5;
    private const double Most = 8;

    /// <summary>After this long what was seen counts for a third.</summary>
    private const double MemoryUs = 500_000;

    /// <summary>Before anything was seen this much is taken to have gone as expected, so that one batch does not decide.</summary>
    private const double PriorUs = 20_000;
    private double _actualUs;
    private double _expectedUs;
    private long _atUs;
    private double _factor = 1;

    /// <summary>Actual over expected time, as last seen; 1 before any batch ended.</summary>
    public double Factor => Volatile.Read(ref _factor);

    /// <summary>A batch ended.</summary>
    /// <param name="nowUs">Now.</param>
    /// <param name="actualUs">How long it held its thread.</param>
    /// <param name="expectedUs">How long it should have.</param>
    public void Observe(long nowUs, double actualUs, double expectedUs)
    {
        var kept = Math.Exp(-Math.Max(0, nowUs - _atUs) / MemoryUs);
        _atUs = nowUs;
        _actualUs = (_actualUs * kept) + actualUs;
        _expectedUs = (_expectedUs * kept) + expectedUs;
        Volatile.Write(ref _factor, Math.Clamp((_actualUs + PriorUs) / (_expectedUs + PriorUs), Least, Most));
    }
}
