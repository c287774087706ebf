namespace ServerlessLoki.Serving.Control;

/// <summary>How much slower batches run than their profile says: other work on the machine, a throttled clock, a wrong profile.</summary>
/// <remarks>The planner scales the profile by it, so that plans hold on the machine as it is now. Thread-safe.</remarks>
internal sealed class SlowdownMonitor
{
    /// <summary>A machine twice as fast as its profile, or eight times as slow, is as far as it is believed.</summary>
    private const double Least = 0.5;
    private const double Most = 8;
    private const double Weight = 0.3;
    private long _actualUs;
    private double _expectedUs;
    private readonly Lock _gate = new();

    /// <summary>Actual over profiled time, smoothed; 1 before anything ran.</summary>
    public double Factor { get; private set; } = 1;

    public void Observe(long actualUs, double expectedUs)
    {
        lock (_gate)
        {
            _actualUs += actualUs;
            _expectedUs += expectedUs;
        }
    }

    /// <summary>Ends a control period: folds its batches into the factor.</summary>
    public void Fold()
    {
        lock (_gate)
        {
            if (_expectedUs <= 0)
                return;
            Factor += Weight * (Math.Clamp(_actualUs / _expectedUs, Least, Most) - Factor);
            (_actualUs, _expectedUs) = (0, 0);
        }
    }
}
