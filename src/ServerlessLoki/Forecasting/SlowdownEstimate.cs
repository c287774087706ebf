namespace ServerlessLoki.Forecasting;

/// <summary>Slow-down of batches against their profile, smoothed over control periods. Causes are other work on the machine, a throttled
/// clock or a wrong profile. Plans scale the profile by it, so that they hold on the machine as it is. Not thread-safe.</summary>
public sealed class SlowdownEstimate
{
    /// <summary>Least factor that is believed: a machine twice as fast as its profile. The largest is eight times as slow.</summary>
    private const double Least = 0.5;
    private const double Most = 8;
    private const double Weight = 0.3;

    /// <summary>Fewer batches say nothing about their spread.</summary>
    private const long LeastBatches = 30;
    private double _actualUs;
    private double _expectedUs;
    private BatchTimes _varied;

    /// <summary>Actual over profiled time, smoothed; 1 before anything ran.</summary>
    public double Factor { get; private set; } = 1;

    /// <summary>Standard deviation of the logarithm of actual over profiled time within a control period, smoothed; null before enough
    /// batches ran.</summary>
    public double? Spread { get; private set; }

    /// <summary>Batches ran.</summary>
    /// <param name="times">What they took.</param>
    public void Observe(in BatchTimes times)
    {
        Observe(times.ActualUs, times.ExpectedUs);
        if (times.Batches > 0)
            _varied = _varied.Add(times);
    }

    /// <summary>Batches ran of which only the sums are known.</summary>
    /// <param name="actualUs">What they took, microseconds.</param>
    /// <param name="expectedUs">What the profile says, microseconds.</param>
    public void Observe(double actualUs, double expectedUs)
    {
        _actualUs += actualUs;
        _expectedUs += expectedUs;
    }

    /// <summary>Ends a control period: its batches move the factor.</summary>
    public void Fold()
    {
        if (_expectedUs <= 0)
            return;
        Factor += Weight * (Math.Clamp(_actualUs / _expectedUs, Least, Most) - Factor);
        (_actualUs, _expectedUs) = (0, 0);
        FoldSpread();
    }

    private void FoldSpread()
    {
        if (_varied.Batches < LeastBatches)
            return;
        var mean = _varied.LogUs / _varied.ExpectedUs;
        var variance = Math.Max(0, (_varied.SquaredLogUs / _varied.ExpectedUs) - (mean * mean));
        Spread = Math.Sqrt(Spread is { } before ? (before * before) + (Weight * (variance - (before * before))) : variance);
        _varied = default;
    }
}
