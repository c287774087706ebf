using System.Collections.Immutable;

namespace ServerlessLoki.Simulation.Traffic;

/// <summary>Clients that each wait for their answer before they ask again: a closed loop, like those of load tools and worker
/// threads.</summary>
/// <param name="Phases">Number of active clients in each phase, one phase after the other; at least one, lengths above 0.</param>
/// <param name="ThinkUs">Time from an answer to the client's next query, microseconds; at least 0.</param>
/// <param name="ThinksRandomly">True = the think time is exponential with <paramref name="ThinkUs"/> as mean; false = it is fixed.</param>
/// <param name="RetryUs">Time from a refusal to the client's next try, microseconds; null = as long as the refusal asks for.</param>
/// <param name="Pipeline">Pipeline index.</param>
public sealed record ClientGroup(
    ImmutableArray<(int Count, TimeSpan Length)> Phases, long ThinkUs = 0, bool ThinksRandomly = false, long? RetryUs = null, int Pipeline = 0)
{
    /// <summary>Length of all phases, microseconds.</summary>
    public long DurationUs => Phases.Sum(p => (long)p.Length.TotalMicroseconds);
}
