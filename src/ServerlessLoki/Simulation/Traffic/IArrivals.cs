namespace ServerlessLoki.Simulation.Traffic;

/// <summary>Where queries come from. Immutable: it can be opened any number of times, also at once.</summary>
public interface IArrivals
{
    /// <summary>Length of the traffic, microseconds; null when only reading it to the end tells.</summary>
    long? DurationUs { get; }

    /// <summary>Begins at time 0. The same seed gives the same arrivals, whatever else runs.</summary>
    ArrivalStream Open(ulong seed);
}
