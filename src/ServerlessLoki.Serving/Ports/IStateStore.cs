namespace ServerlessLoki.Serving.Ports;

/// <summary>What must survive a restart: runs, the last plan, profiles; what instances tell each other: demand, second by second; and the
/// leases by which slots claim their place.</summary>
/// <remarks>Each call is atomic. What a completed call wrote is durable.</remarks>
public interface IStateStore
{
    /// <summary>Accepts a run; durable when the call returns. False if the id is taken.</summary>
    ValueTask<bool> AddRunAsync(RunRecord run, CancellationToken cancellationToken);

    /// <summary>A run by id; null if there is none.</summary>
    ValueTask<RunRecord?> FindRunAsync(string id, CancellationToken cancellationToken);

    /// <summary>Runs, newest first.</summary>
    /// <param name="size">At most this many, 1..1000.</param>
    /// <param name="after">The <see cref="RunPage.Next"/> of the page before; null for the first.</param>
    /// <param name="state">Only these; null = all.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="FormatException"><paramref name="after"/> is no page's <see cref="RunPage.Next"/>.</exception>
    ValueTask<RunPage> ListRunsAsync(int size, string? after, RunState? state, CancellationToken cancellationToken);

    /// <summary>Runs that were accepted and have not ended, oldest first: what a restart takes up again.</summary>
    ValueTask<IReadOnlyList<RunRecord>> UnfinishedRunsAsync(CancellationToken cancellationToken);

    /// <summary>How many runs were accepted and have not ended; counted no further than <paramref name="most"/>.</summary>
    ValueTask<int> CountUnfinishedRunsAsync(int most, CancellationToken cancellationToken);

    /// <summary>Ends a run. True for the one call that ended it; false if it had already ended: so each result is stored once.</summary>
    /// <param name="id">Run id.</param>
    /// <param name="state">A final state.</param>
    /// <param name="result">Result or error body, JSON.</param>
    /// <param name="ended">When.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    ValueTask<bool> EndRunAsync(string id, RunState state, string? result, DateTimeOffset ended, CancellationToken cancellationToken);

    /// <summary>Removes an ended run and its result. False if there is none or it has not ended.</summary>
    ValueTask<bool> DeleteRunAsync(string id, CancellationToken cancellationToken);

    /// <summary>Stores a small document (a plan, a profile) under a name, replacing the one before.</summary>
    ValueTask PutDocumentAsync(string name, string json, CancellationToken cancellationToken);

    /// <summary>A document by name; null if there is none.</summary>
    ValueTask<string?> FindDocumentAsync(string name, CancellationToken cancellationToken);

    /// <summary>A document by name with its version; null if there is none.</summary>
    ValueTask<StoredDocument?> ReadDocumentAsync(string name, CancellationToken cancellationToken);

    /// <summary>Replaces a document unless another wrote it since it was read: of several writers one wins. A store that limits the
    /// size of an entry keeps large documents elsewhere by itself.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="json">Its new text.</param>
    /// <param name="expectedVersion">The version that was read; null = there must be none yet.</param>
    /// <param name="cancellationToken">Stops the call; the document may have been replaced.</param>
    /// <returns>The new version; null if another wrote in between.</returns>
    ValueTask<string?> ReplaceDocumentAsync(string name, string json, string? expectedVersion, CancellationToken cancellationToken);

    /// <summary>Adds what a source says about one second of a series, replacing what it said before about the same.</summary>
    /// <param name="series">The series, for example <c>demand</c>.</param>
    /// <param name="source">Who says it, for example an ingress instance.</param>
    /// <param name="second">Any time within the second.</param>
    /// <param name="json">What it says.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    ValueTask AddSampleAsync(string series, string source, DateTimeOffset second, string json, CancellationToken cancellationToken);

    /// <summary>Samples of a series, oldest first; within a second by source.</summary>
    /// <param name="series">The series.</param>
    /// <param name="since">Seconds that begin at or after this.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    ValueTask<IReadOnlyList<StoredSample>> SamplesAsync(string series, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Deletes a series' samples of seconds that begin before a time.</summary>
    ValueTask PruneSamplesAsync(string series, DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Claims or renews a slot's place in a plan. True if <paramref name="owner"/> holds it until now + <paramref name="duration"/>.</summary>
    /// <param name="place">The place, for example <c>traffic/detect/detect-n/cpu/3</c>.</param>
    /// <param name="owner">The slot.</param>
    /// <param name="now">Present time.</param>
    /// <param name="duration">How long without heartbeat until another may claim it.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    ValueTask<bool> ClaimAsync(string place, string owner, DateTimeOffset now, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Leases that have not expired, in order of their places.</summary>
    /// <param name="prefix">Begin of the places; empty = all.</param>
    /// <param name="now">Present time.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    ValueTask<IReadOnlyList<PlaceLease>> LeasesAsync(string prefix, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Gives a place back; nothing happens if another holds it.</summary>
    ValueTask ReleaseAsync(string place, string owner, CancellationToken cancellationToken);
}
