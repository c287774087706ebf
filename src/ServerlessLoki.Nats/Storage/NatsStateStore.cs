using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Nats.Storage;

/// <summary>Runs, documents, samples and leases in four buckets (<c>loki-runs</c>, <c>loki-documents</c>, <c>loki-samples</c>,
/// <c>loki-leases</c>), which are made at first use. Texts above what a message holds are objects.</summary>
/// <remarks>
/// Every change is conditional on the revision that was read, so of several writers one wins. A call is tried again while the server is away
/// (<see cref="NatsOptions.CallTimeout"/>), and a write whose first answer was lost is known again by the server.
/// A call that fails for good throws <see cref="TimeoutException"/> (no answer) or <see cref="global::NATS.Client.JetStream.NatsJSApiException"/>
/// (the server refused). The list of runs costs the server a short message for each run that is kept.
/// </remarks>
public sealed class NatsStateStore : IStateStore, IRunIntake, IRunKeeper, IDisposable
{
    /// <summary>Longest lease: one that was not renewed for this time is gone from the bucket.</summary>
    private static readonly TimeSpan LongestLease = TimeSpan.FromHours(1);
    private readonly NatsPayloadStore _payloads;
    private readonly NatsRuns _runs;
    private readonly NatsDocuments _documents;
    private readonly NatsSamples _samples;
    private readonly NatsLeases _leases;

    /// <summary>Makes the store over a link that outlives it.</summary>
    /// <param name="link">Connection to the servers.</param>
    /// <param name="payloads">Store of the inputs of runs, and of large texts.</param>
    public NatsStateStore(NatsLink link, NatsPayloadStore payloads)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(payloads);
        _payloads = payloads;
        _runs = new NatsRuns(new Bucket(link, "runs", TimeSpan.Zero), payloads);
        _documents = new NatsDocuments(new Bucket(link, "documents", TimeSpan.Zero), payloads);
        _samples = new NatsSamples(new Bucket(link, "samples", link.Options.SampleAge));
        _leases = new NatsLeases(new Bucket(link, "leases", LongestLease));
    }

    /// <inheritdoc />
    /// <remarks>Null: only calls can tell.</remarks>
    public string? Fault => null;

    /// <inheritdoc />
    /// <remarks>The payload is stored first: a crash in between leaves a payload without a run, and never a run without its payload.</remarks>
    public async ValueTask<RunRecord?> AcceptAsync(RunRecord run, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var stored = run with { Payload = await _payloads.KeepAsync(payload, cancellationToken) };
        if (await _runs.AddAsync(stored, cancellationToken))
            return stored;
        await _payloads.DeleteAsync(stored.Payload, cancellationToken);
        return null;
    }

    /// <inheritdoc />
    public async ValueTask<int> PruneRunsAsync(DateTimeOffset endedBefore, int most, CancellationToken cancellationToken) =>
        await _runs.PruneAsync(endedBefore, most, cancellationToken);

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
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="json"/> is longer than 200,000 characters.</exception>
    public async ValueTask AddSampleAsync(string series, string source, DateTimeOffset second, string json, CancellationToken cancellationToken) =>
        await _samples.AddAsync(series, source, second, json, cancellationToken);

    /// <inheritdoc />
    /// <remarks>A sample that another process pruned may still be listed here for a while.</remarks>
    public async ValueTask<IReadOnlyList<StoredSample>> SamplesAsync(string series, DateTimeOffset since, CancellationToken cancellationToken) =>
        await _samples.SinceAsync(series, since, cancellationToken);

    /// <inheritdoc />
    public async ValueTask PruneSamplesAsync(string series, DateTimeOffset before, CancellationToken cancellationToken) =>
        await _samples.PruneAsync(series, before, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<bool> ClaimAsync(string place, string owner, DateTimeOffset now, TimeSpan duration, CancellationToken cancellationToken) =>
        await _leases.ClaimAsync(place, owner, now, duration, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<PlaceLease>> LeasesAsync(string prefix, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return await _leases.ListAsync(prefix, now, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask ReleaseAsync(string place, string owner, CancellationToken cancellationToken) => await _leases.ReleaseAsync(place, owner, cancellationToken);

    /// <inheritdoc />
    public void Dispose() => _samples.Dispose();
}
