using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Simulation.Traffic;

/// <summary>Arrivals in order of time. Not thread-safe.</summary>
public abstract class ArrivalStream
{
    /// <summary>Reads the next arrival; false at the end. Times never fall.</summary>
    public abstract bool TryNext(out Arrival arrival);
}
