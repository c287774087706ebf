using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Collector of model load times for the planner. Thread-safe.</summary>
internal sealed class LoadTimes
{
    private readonly Lock _gate = new();
    private readonly LoadTimeEstimate _estimate = new();

    /// <summary>Expected load time; zero before anything was loaded.</summary>
    public TimeSpan Current
    {
        get
        {
            lock (_gate)
                return _estimate.Current;
        }
    }

    public void Observe(TimeSpan load)
    {
        lock (_gate)
            _estimate.Observe(load);
    }
}
