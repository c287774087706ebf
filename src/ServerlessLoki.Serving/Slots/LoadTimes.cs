using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Gathers the load times of models for the planner. Thread-safe.</summary>
internal sealed class LoadTimes
{
    private readonly Lock _gate = new();
    private readonly LoadTimeEstimate _estimate = new();

    /// <summary>What is to be expected; zero before anything was loaded.</summary>
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
