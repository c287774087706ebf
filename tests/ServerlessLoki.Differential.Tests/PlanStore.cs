using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Differential.Tests;

/// <summary>What a planner published and what workers report.</summary>
internal sealed class PlanStore : MemoryState
{
    private readonly Dictionary<string, StoredDocument> _documents = [];
    private readonly Dictionary<(string Series, string Source), StoredSample> _samples = [];

    public void Publish(string name, string json) => _documents[name] = new StoredDocument(json, $"{_documents.Count}");

    public override ValueTask<string?> FindDocumentAsync(string name, CancellationToken cancellationToken) => new(_documents.GetValueOrDefault(name)?.Json);

    public override ValueTask<StoredDocument?> ReadDocumentAsync(string name, CancellationToken cancellationToken) => new(_documents.GetValueOrDefault(name));

    public override ValueTask AddSampleAsync(string series, string source, DateTimeOffset second, string json, CancellationToken cancellationToken)
    {
        _samples[(series, source)] = new StoredSample(source, second, json);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<IReadOnlyList<StoredSample>> SamplesAsync(string series, DateTimeOffset since, CancellationToken cancellationToken) =>
        new([.. _samples.Where(s => s.Key.Series == series && s.Value.Second >= since).Select(s => s.Value)]);

    /// <summary>No worker is in another's way.</summary>
    public override ValueTask<IReadOnlyList<PlaceLease>> LeasesAsync(string prefix, DateTimeOffset now, CancellationToken cancellationToken) => new([]);
}
