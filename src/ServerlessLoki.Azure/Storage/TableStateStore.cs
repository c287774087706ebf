using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.Storage;

/// <summary>
/// Runs, documents, samples and leases in four tables (<c>lokiRuns</c>, <c>lokiDocuments</c>, <c>lokiSamples</c>, <c>lokiLeases</c>), which
/// are made at first use. Texts above what a property holds lie in the container <see cref="StorageOptions.StateContainer"/>.
/// </summary>
/// <remarks>
/// Every change is conditional on the ETag that was read, so of several writers one wins; a throttled or restarting service is tried again
/// (<see cref="StorageOptions"/>), and a write whose first answer was lost on the way is known again by its author.
/// A call that fails for good throws <see cref="global::Azure.RequestFailedException"/>, <see cref="AggregateException"/> (no try was
/// answered) or <see cref="TimeoutException"/>.
/// </remarks>
public sealed class TableStateStore : IStateStore, IRunIntake
{
    private readonly TableRuns _runs;
    private readonly TableDocuments _documents;
    private readonly TableSamples _samples;
    private readonly TableLeases _leases;
    private readonly IPayloadStore _payloads;

    /// <summary>Makes the store over a storage account.</summary>
    /// <param name="account">Storage account.</param>
    /// <param name="payloads">Store of the inputs of runs.</param>
    /// <param name="time">Clock for the names of blobs; null for the system's clock.</param>
    public TableStateStore(StorageAccount account, IPayloadStore payloads, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(payloads);
        var texts = new TableTexts(new BlobPayloadStore(account, account.Options.StateContainer, time));
        _payloads = payloads;
        _runs = new TableRuns(new StateTable(account, "Runs"), texts);
        _documents = new TableDocuments(new StateTable(account, "Documents"), texts);
        _samples = new TableSamples(new StateTable(account, "Samples"));
        _leases = new TableLeases(new StateTable(account, "Leases"));
    }

    /// <inheritdoc />
    /// <remarks>The payload is stored first: a crash in between leaves a payload without a run, which the lifecycle rule of the payload
    /// container removes, and never a run without its payload.</remarks>
    public async ValueTask<RunRecord?> AcceptAsync(RunRecord run, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var stored = run with { Payload = await _payloads.PutAsync(payload, cancellationToken) };
        if (await _runs.AddAsync(stored, cancellationToken))
            return stored;
        await _payloads.DeleteAsync(stored.Payload, cancellationToken);
        return null;
    }

    /// <inheritdoc />
    public async ValueTask<bool> AddRunAsync(RunRecord run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        return await _runs.AddAsync(run, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<RunRecord?> FindRunAsync(string id, CancellationToken cancellationToken) => await _runs.FindAsync(id, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<RunPage> ListRunsAsync(int size, string? after, RunState? state, CancellationToken cancellationToken) =>
        await _runs.ListAsync(size, after, state, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<RunRecord>> UnfinishedRunsAsync(CancellationToken cancellationToken) => await _runs.UnfinishedAsync(cancellationToken);

    /// <inheritdoc />
    public async ValueTask<int> CountUnfinishedRunsAsync(int most, CancellationToken cancellationToken) => await _runs.CountUnfinishedAsync(most, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<bool> EndRunAsync(string id, RunState state, string? result, DateTimeOffset ended, CancellationToken cancellationToken) =>
        await _runs.EndAsync(id, state, result, ended, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<bool> DeleteRunAsync(string id, CancellationToken cancellationToken) => await _runs.DeleteAsync(id, cancellationToken);

    /// <inheritdoc />
    public async ValueTask PutDocumentAsync(string name, string json, CancellationToken cancellationToken) => await _documents.PutAsync(name, json, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<string?> FindDocumentAsync(string name, CancellationToken cancellationToken) =>
        (await _documents.ReadAsync(name, cancellationToken))?.Json;

    /// <inheritdoc />
    public async ValueTask<StoredDocument?> ReadDocumentAsync(string name, CancellationToken cancellationToken) => await _documents.ReadAsync(name, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<string?> ReplaceDocumentAsync(string name, string json, string? expectedVersion, CancellationToken cancellationToken) =>
        await _documents.ReplaceAsync(name, json, expectedVersion, cancellationToken);

    /// <inheritdoc />
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="json"/> is longer than 32,000 characters.</exception>
    public async ValueTask AddSampleAsync(string series, string source, DateTimeOffset second, string json, CancellationToken cancellationToken) =>
        await _samples.AddAsync(series, source, second, json, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<StoredSample>> SamplesAsync(string series, DateTimeOffset since, CancellationToken cancellationToken) =>
        await _samples.SinceAsync(series, since, cancellationToken);

    /// <inheritdoc />
    public async ValueTask PruneSamplesAsync(string series, DateTimeOffset before, CancellationToken cancellationToken) =>
        await _samples.PruneAsync(series, before, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<bool> ClaimAsync(string place, string owner, DateTimeOffset now, TimeSpan duration, CancellationToken cancellationToken) =>
        await _leases.ClaimAsync(place, owner, now, duration, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<PlaceLease>> LeasesAsync(string prefix, DateTimeOffset now, CancellationToken cancellationToken) =>
        await _leases.ListAsync(prefix, now, cancellationToken);

    /// <inheritdoc />
    public async ValueTask ReleaseAsync(string place, string owner, CancellationToken cancellationToken) => await _leases.ReleaseAsync(place, owner, cancellationToken);

    /// <summary>Deletes leases that expired before a given time, which no claim will reuse.</summary>
    /// <returns>Number of leases deleted.</returns>
    public async ValueTask<int> DeleteExpiredLeasesAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        await _leases.DeleteExpiredAsync(before, cancellationToken);
}
