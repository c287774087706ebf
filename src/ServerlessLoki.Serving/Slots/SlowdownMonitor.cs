using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Collector of batch times from the compute threads for the control loop. Thread-safe.</summary>
internal sealed class SlowdownMonitor
{
    private readonly Lock _gate = new();
    private long _actualUs;
    private double _expectedUs;

    public void Observe(long actualUs, double expectedUs)
    {
        lock (_gate)
        {
            _actualUs += actualUs;
            _expectedUs += expectedUs;
        }
    }

    /// <summary>Hands on what came since the last call.</summary>
    public void Drain(SlowdownEstimate estimate)
    {
        var (actualUs, expectedUs) = Take();
        estimate.Observe(actualUs, expectedUs);
    }

    /// <summary>What came since the last call, microseconds.</summary>
    public (double ActualUs, double ExpectedUs) Take()
    {
        lock (_gate)
        {
            var taken = (_actualUs, _expectedUs);
            (_actualUs, _expectedUs) = (0, 0);
            return taken;
        }
    }
}
