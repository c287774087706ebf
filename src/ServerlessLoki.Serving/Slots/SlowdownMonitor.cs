using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Collector of batch times from the compute threads for the control loop. Thread-safe.</summary>
internal sealed class SlowdownMonitor
{
    private readonly Lock _gate = new();
    private BatchTimes _times;

    public void Observe(long actualUs, double expectedUs)
    {
        var batch = BatchTimes.Of(actualUs, expectedUs);
        lock (_gate)
            _times = _times.Add(batch);
    }

    /// <summary>Hands on what came since the last call.</summary>
    public void Drain(SlowdownEstimate estimate) => estimate.Observe(Take());

    /// <summary>What came since the last call.</summary>
    public BatchTimes Take()
    {
        lock (_gate)
        {
            var taken = _times;
            _times = default;
            return taken;
        }
    }
}
