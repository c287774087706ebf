using System.Collections.Immutable;
using System.Diagnostics.Metrics;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Published values of one instrument, by tags: an observable's values at the last look, a histogram's series since the
/// start.</summary>
internal sealed class MetricFamily(Instrument instrument)
{
    private readonly Dictionary<(string, string), Histogram> _byName = [];

    public Instrument Instrument { get; } = instrument;

    public List<MetricSample> Samples { get; } = [];

    /// <summary>Series with their tags; all exist before the first measurement.</summary>
    public List<(ImmutableArray<KeyValuePair<string, object?>> Tags, Histogram Histogram)> Series { get; } = [];

    /// <summary>Adds a series. Its first and last tag, a pipeline's name alone or with a variant's, identify it.</summary>
    public void Add(KeyValuePair<string, object?>[] tags, Histogram series)
    {
        Series.Add(([.. tags], series));
        _byName.Add(NameOf(tags), series);
    }

    public Histogram? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags) => _byName.GetValueOrDefault(NameOf(tags));

    private static (string, string) NameOf(ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        tags.IsEmpty ? ("", "") : ((string)tags[0].Value!, (string)tags[^1].Value!);
}
