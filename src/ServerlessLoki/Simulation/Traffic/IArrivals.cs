using System.Collections.Immutable;

namespace ServerlessLoki.Simulation.Traffic;

/// <summary>Source of queries. Immutable: it can be opened any number of times, also concurrently.</summary>
public interface IArrivals
{
    /// <summary>Length of the traffic, microseconds; null when it is known only after reading to the end.</summary>
    long? DurationUs { get; }

    /// <summary>Clients whose next query waits for the answer to their last one. Their arrivals are generated as the simulation runs, in
    /// addition to those of <see cref="Open"/>.</summary>
    ImmutableArray<ClientGroup> Clients => [];

    /// <summary>Opens the stream at time 0. The same seed gives the same arrivals, whatever else runs.</summary>
    ArrivalStream Open(ulong seed);
}
