namespace ServerlessLoki.Serving.Ports;

/// <summary>Maintenance of the runs in a store.</summary>
public interface IRunKeeper
{
    /// <summary>Reason why the store accepts no writes at present, for example a full disk; null while it does.</summary>
    string? Fault { get; }

    /// <summary>Deletes runs that ended before a given time, with their results, the oldest first. The store frees their space
    /// gradually.</summary>
    /// <param name="endedBefore">Time limit: runs that ended at or after it stay, as do all that have not ended.</param>
    /// <param name="most">Most runs to delete; at least 1.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Number of runs deleted.</returns>
    /// <exception cref="StoreUnavailableException">The store accepts no writes at present.</exception>
    ValueTask<int> PruneRunsAsync(DateTimeOffset endedBefore, int most, CancellationToken cancellationToken);
}
