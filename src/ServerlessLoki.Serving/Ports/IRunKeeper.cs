namespace ServerlessLoki.Serving.Ports;

/// <summary>Looks after the runs that a store holds.</summary>
public interface IRunKeeper
{
    /// <summary>Why the store takes nothing at present, for example a full disk; null while it does.</summary>
    string? Fault { get; }

    /// <summary>Deletes runs that ended before a time, with their results, the oldest first. The store gives the room back by and by.</summary>
    /// <param name="endedBefore">Runs that ended at or after this stay, as do all that have not ended.</param>
    /// <param name="most">At most this many; at least 1.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="StoreUnavailableException">The store takes nothing at present.</exception>
    ValueTask<int> PruneRunsAsync(DateTimeOffset endedBefore, int most, CancellationToken cancellationToken);
}
