namespace ServerlessLoki.Forecasting;

/// <summary>How much slower batches run than their profile says, smoothed over control periods: other work on the machine, a
/// throttled clock, a wrong profile. Plans scale the profile by it, so that they hold on the machine as it is. Not thread-safe.</summary>
public sealed class SlowdownEstimate
{
    /// <summary>A machine twice as fast as its profile, or eight times as slow, is as far as it is believed.</summary>
    private const double Least = 0.5;
    private const double Most = 8;
    private const double Weight = 0.3;
    private double _actualUs;
    private double _expectedUs;

    /// <summary>Actual over profiled time, smoothed; 1 before anything ran.</summary>
    public double Factor { get; private set; } = 1;

    /// <summary>Batches ran.</summary>
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
    }
}
