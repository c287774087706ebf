namespace ServerlessLoki.Serving.Ports;

/// <summary>Store of data that must survive a restart (runs, the last plan, profiles), of demand samples that instances exchange second by
/// second, and of the leases by which slots claim their place.</summary>
/// <remarks>Each call is atomic. What a completed call wrote is durable.</remarks>
public interface IStateStore
{
    /// <summary>Stores an accepted run durably. False if the id is taken.</summary>
    ValueTask<bool> AddRunAsync(RunRecord run, CancellationToken cancellationToken);

    /// <summary>Finds a run by its id; null if there is none.</summary>
    ValueTask<RunRecord?> FindRunAsync(string id, CancellationToken cancellationToken);

    /// <summary>Lists runs, newest first.</summary>
    /// <param name="size">Most runs of the page, 1..1000.</param>
    /// <param name="after">Value <see cref="RunPage.Next"/> of the page before; null for the first page.</param>
    /// <param name="state">State of the runs; null = all.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="FormatException"><paramref name="after"/> is no page's <see cref="RunPage.Next"/>.</exception>
    ValueTask<RunPage> ListRunsAsync(int size, string? after, RunState? state, CancellationToken cancellationToken);

    /// <summary>Lists runs that were accepted and have not ended, oldest first: a restart resumes them.</summary>
    ValueTask<IReadOnlyList<RunRecord>> UnfinishedRunsAsync(CancellationToken cancellationToken);

    /// <summary>Counts the runs that were accepted and have not ended, up to <paramref name="most"/>.</summary>
    ValueTask<int> CountUnfinishedRunsAsync(int most, CancellationToken cancellationToken);

    /// <summary>Ends a run. True for the one call that ended it, false if it had already ended, so that each result is stored
    /// once.</summary>
    /// <param name="id">Id of the run.</param>
    /// <param name="state">Final state of the run.</param>
    /// <param name="result">Result or error body, JSON.</param>
    /// <param name="ended">Time of the end.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    ValueTask<bool> EndRunAsync(string id, RunState state, string? result, DateTimeOffset ended, CancellationToken cancellationToken);

    /// <summary>Removes an ended run and its result. False if there is none or it has not ended.</summary>
    ValueTask<bool> DeleteRunAsync(string id, CancellationToken cancellationToken);

    /// <summary>Stores a small document (a plan, a profile) under a name, replacing the one before.</summary>
    ValueTask PutDocumentAsync(string name, string json, CancellationToken cancellationToken);

    /// <summary>Finds a document by its name; null if there is none.</summary>
    ValueTask<string?> FindDocumentAsync(string name, CancellationToken cancellationToken);

    /// <summary>Finds a document with its version by its name; null if there is none.</summary>
    ValueTask<StoredDocument?> ReadDocumentAsync(string name, CancellationToken cancellationToken);

    /// <summary>Replaces a document unless another process wrote it since it was read: of several writers one succeeds. A store that limits
    /// the size of an entry stores large documents elsewhere by itself.</summary>
    /// <param name="name">Name of the document.</param>
    /// <param name="json">New text.</param>
    /// <param name="expectedVersion">Version that was read; null = the document must not exist yet.</param>
    /// <param name="cancellationToken">Stops the call; the document may have been replaced.</param>
    /// <returns>New version; null if another process wrote in between.</returns>
    ValueTask<string?> ReplaceDocumentAsync(string name, string json, string? expectedVersion, CancellationToken cancellationToken);

    /// <summary>Adds a source's sample for one second of a series, replacing an earlier one for the same second.</summary>
    /// <param name="series">Name of the series, for example <c>demand</c>.</param>
    /// <param name="source">Name of the source, for example an ingress instance.</param>
    /// <param name="second">Any time within the second.</param>
    /// <param name="json">Text of the sample.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    ValueTask AddSampleAsync(string series, string source, DateTimeOffset second, string json, CancellationToken cancellationToken);

    /// <summary>Lists the samples of a series, oldest first; within a second by source.</summary>
    /// <param name="series">Name of the series.</param>
    /// <param name="since">Earliest time: seconds that begin at or after it.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    ValueTask<IReadOnlyList<StoredSample>> SamplesAsync(string series, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Deletes a series' samples of seconds that begin before a given time.</summary>
    ValueTask PruneSamplesAsync(string series, DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Claims or renews a slot's place in a plan. True if <paramref name="owner"/> holds the place until now +
    /// <paramref name="duration"/>.</summary>
    /// <param name="place">Name of the place, for example <c>traffic/detect/detect-n/cpu/3</c>.</param>
    /// <param name="owner">Id of the slot.</param>
    /// <param name="now">Present time.</param>
    /// <param name="duration">Time without a heartbeat after which another slot may claim the place.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    ValueTask<bool> ClaimAsync(string place, string owner, DateTimeOffset now, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Leases that have not expired, in order of their places.</summary>
    /// <param name="prefix">Prefix of the places; empty = all.</param>
    /// <param name="now">Present time.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    ValueTask<IReadOnlyList<PlaceLease>> LeasesAsync(string prefix, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Releases a place; nothing happens if another owner holds it.</summary>
    ValueTask ReleaseAsync(string place, string owner, CancellationToken cancellationToken);
}
