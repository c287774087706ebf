using System.Collections.Immutable;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Http;

/// <summary>Values of a meter by instrument and tags.</summary>
internal sealed class Figures(IReadOnlyList<MetricFamily> families)
{
    private readonly Dictionary<(string Instrument, string Tags), double> _values = families
        .SelectMany(f => f.Samples.Select(s => ((f.Instrument.Name, KeyOf(s.Tags)), s.Value))).ToDictionary(v => v.Item1, v => v.Value);

    private readonly Dictionary<(string Instrument, string Tags), Histogram> _series = families
        .SelectMany(f => f.Series.Select(s => ((f.Instrument.Name, KeyOf(s.Tags)), s.Histogram))).ToDictionary(s => s.Item1, s => s.Histogram);

    /// <summary>Lists the tags of an instrument's values.</summary>
    public ImmutableArray<KeyValuePair<string, object?>>[] TagsOf(string instrument) =>
        [.. families.First(f => f.Instrument.Name == instrument).Samples.Select(s => s.Tags)];

    public double Value(string instrument, ImmutableArray<KeyValuePair<string, object?>> tags, string? also = null) =>
        _values[(instrument, also is null ? KeyOf(tags) : $"{KeyOf(tags)}/{also}")];

    public Histogram Series(string instrument, ImmutableArray<KeyValuePair<string, object?>> tags) => _series[(instrument, KeyOf(tags))];

    private static string KeyOf(ImmutableArray<KeyValuePair<string, object?>> tags) => string.Join('/', tags.Select(t => t.Value));
}
