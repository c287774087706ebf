using System.Collections.Concurrent;
using System.Text;
using NATS.Client.Core;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Nats.Storage;

/// <summary>Samples in a bucket: one entry per series, second and source. The server deletes them by age, planners sooner.</summary>
internal sealed class NatsSamples(Bucket bucket) : IDisposable
{
    /// <summary>Header with the source, escaped as in a URI.</summary>
    public const string Source = "Loki-Source";

    /// <summary>Longest sample, characters.</summary>
    private const int Longest = 200_000;
    private readonly ConcurrentDictionary<string, SampleMirror> _mirrors = new(StringComparer.Ordinal);

    public Task AddAsync(string series, string source, DateTimeOffset second, string json, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(json.Length, Longest, nameof(json));
        return bucket.PutAsync(
            SampleMirror.Key(series, second, source), Encoding.UTF8.GetBytes(json), null, new NatsHeaders { { Source, Uri.EscapeDataString(source) } }, cancellationToken);
    }

    public Task<IReadOnlyList<StoredSample>> SinceAsync(string series, DateTimeOffset since, CancellationToken cancellationToken) =>
        Mirror(series).SinceAsync(since, cancellationToken);

    public Task PruneAsync(string series, DateTimeOffset before, CancellationToken cancellationToken) => Mirror(series).PruneAsync(before, cancellationToken);

    public void Dispose()
    {
        foreach (var mirror in _mirrors.Values)
            mirror.Dispose();
    }

    private SampleMirror Mirror(string series) => _mirrors.GetOrAdd(series, static (name, bucket) => new SampleMirror(bucket, name), bucket);
}
