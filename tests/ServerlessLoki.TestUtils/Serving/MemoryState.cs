using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Tests.Doubles;

/// <summary>Leases only: what the engine itself needs of a state store.</summary>
public class MemoryState : IStateStore
{
    /// <summary>Places that others hold.</summary>
    public HashSet<string> Taken { get; } = [];

    public ValueTask<bool> ClaimAsync(string place, string owner, DateTimeOffset now, TimeSpan duration, CancellationToken cancellationToken) =>
        new(!Taken.Contains(place));

    public ValueTask ReleaseAsync(string place, string owner, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<bool> AddRunAsync(RunRecord run, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<RunRecord?> FindRunAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<RunPage> ListRunsAsync(int size, string? after, RunState? state, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<RunRecord>> UnfinishedRunsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<int> CountUnfinishedRunsAsync(int most, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> EndRunAsync(string id, RunState state, string? result, DateTimeOffset ended, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> DeleteRunAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask PutDocumentAsync(string name, string json, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual ValueTask<string?> FindDocumentAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual ValueTask<StoredDocument?> ReadDocumentAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual ValueTask<string?> ReplaceDocumentAsync(string name, string json, string? expectedVersion, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual ValueTask AddSampleAsync(string series, string source, DateTimeOffset second, string json, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual ValueTask<IReadOnlyList<StoredSample>> SamplesAsync(string series, DateTimeOffset since, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask PruneSamplesAsync(string series, DateTimeOffset before, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual ValueTask<IReadOnlyList<PlaceLease>> LeasesAsync(string prefix, DateTimeOffset now, CancellationToken cancellationToken) => throw new NotSupportedException();
}
