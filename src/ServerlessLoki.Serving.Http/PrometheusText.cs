using System.Globalization;
using System.Text;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Http;

/// <summary>Writes the Prometheus text format, version 0.0.4.</summary>
internal sealed class PrometheusText
{
    private static readonly long[] DurationBoundsUs =
        [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000];

    private static readonly long[] RowBounds = [1, 2, 4, 8, 16, 32, 64, 128];

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

    public PrometheusText DurationsUs(string name, string labels, Histogram us) =>
        Histogram(name, labels, us, DurationBoundsUs, 1e-6);

    public PrometheusText Rows(string name, string labels, Histogram rows) => Histogram(name, labels, rows, RowBounds, 1);

    /// <summary>One label, its value escaped.</summary>
    public static string Label(string name, string value) =>
        $"{name}=\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    public override string ToString() => _text.ToString();

    private PrometheusText Histogram(string name, string labels, Histogram histogram, long[] bounds, double unit)
    {
        // The count is read first and bounds the rest: a value recorded meanwhile must not make a bucket exceed +Inf.
        var count = histogram.Count;
        var counts = histogram.CumulativeCounts(bounds);
        var comma = labels.Length > 0 ? "," : "";
        for (var i = 0; i < bounds.Length; i++)
            Sample(name + "_bucket", $"{labels}{comma}le=\"{Number(bounds[i] * unit)}\"", Math.Min(counts[i], count));
        Sample(name + "_bucket", $"{labels}{comma}le=\"+Inf\"", count);
        Sample(name + "_sum", labels, histogram.Sum * unit);
        return Sample(name + "_count", labels, count);
    }

    private static string Number(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "+Inf" : Math.Round(value, 9).ToString("R", CultureInfo.InvariantCulture);
}
