using System.Collections.Immutable;

namespace ServerlessLoki.Simulation.Traffic;

/// <summary>Where queries come from. Immutable: it can be opened any number of times, also at once.</summary>
public interface IArrivals
{
    /// <summary>Length of the traffic, microseconds; null when only reading it to the end tells.</summary>
    long? DurationUs { get; }

    /// <summary>Clients whose next query waits for the answer to their last one: their arrivals are made as the simulation runs, beside those
    /// of <see cref="Open"/>.</summary>
    ImmutableArray<ClientGroup> Clients => [];

    /// <summary>Begins at time 0. The same seed gives the same arrivals, whatever else runs.</summary>
    ArrivalStream Open(ulong seed);
}
