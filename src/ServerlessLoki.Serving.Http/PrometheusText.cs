using System.Globalization;
using System.Text;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Http;

/// <summary>Writer of the Prometheus text format, version 0.0.4.</summary>
internal sealed class PrometheusText
{
    private readonly StringBuilder _text = new(16 << 10);

    public PrometheusText Family(string name, string type, string help)
    {
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n')
            .Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        return this;
    }

    public PrometheusText Sample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
            _text.Append('{').Append(labels).Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
        return this;
    }

    /// <summary>Writes a histogram's series.</summary>
    /// <param name="name">Name of the family.</param>
    /// <param name="labels">Labels of the series.</param>
    /// <param name="histogram">Histogram with the values.</param>
    /// <param name="bounds">Bounds of the buckets, in the family's unit.</param>
    /// <param name="unit">Value of one recorded unit, in the family's unit.</param>
    public PrometheusText Histogram(string name, string labels, Histogram histogram, IReadOnlyList<double> bounds, double unit)
    {
        // The count is read first and bounds the rest: a value recorded meanwhile must not make a bucket exceed +Inf.
        var count = histogram.Count;
        var counts = histogram.CumulativeCounts([.. bounds.Select(b => (long)Math.Round(b / unit))]);
        var comma = labels.Length > 0 ? "," : "";
        for (var i = 0; i < bounds.Count; i++)
            Sample(name + "_bucket", $"{labels}{comma}le=\"{Number(bounds[i])}\"", Math.Min(counts[i], count));
        Sample(name + "_bucket", $"{labels}{comma}le=\"+Inf\"", count);
        Sample(name + "_sum", labels, histogram.Sum * unit);
        return Sample(name + "_count", labels, count);
    }

    /// <summary>Writes tags as labels.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var labels = Label(tags[0].Key, $"{tags[0].Value}");
        foreach (var (key, value) in tags[1..])
            labels += $",{Label(key, $"{value}")}";
        return labels;
    }

    /// <summary>Writes one label, its value escaped.</summary>
    public static string Label(string name, string value) =>
        $"{name}=\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    public override string ToString() => _text.ToString();

    private static string Number(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "+Inf" : Math.Round(value, 9).ToString("R", CultureInfo.InvariantCulture);
}
