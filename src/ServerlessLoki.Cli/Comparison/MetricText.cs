using System.Globalization;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Scenarios.Comparison;

namespace ServerlessLoki.Cli.Comparison;

/// <summary>Figures of a comparison as text.</summary>
internal static class MetricText
{
    /// <summary>Writes one value in its unit.</summary>
    public static string Value(MetricUnit unit, double value) => double.IsNaN(value) ? "-" : unit switch
    {
        MetricUnit.Share => (100 * value).ToString(value is 0 or 1 ? "F0" : "F2", CultureInfo.InvariantCulture) + " %",
        MetricUnit.Accuracy => LoadTables.Accuracy(value),
        MetricUnit.Count => value.ToString(value == Math.Round(value) ? "F0" : "F1", CultureInfo.InvariantCulture),
        _ => LoadTables.Number(value),
    };

    /// <summary>Writes a share of a bound in per cent, or as a factor where less is better.</summary>
    public static string OfBound(ComparisonMetric metric, double share) => double.IsNaN(share) ? "-"
        : metric.Better == Better.Lower ? share.ToString("F2", CultureInfo.InvariantCulture) + " x"
        : (100 * share).ToString("F1", CultureInfo.InvariantCulture) + " %";

    /// <summary>Writes the mean with half the confidence interval where several seeds differ.</summary>
    public static string WithConfidence(MetricUnit unit, Estimate estimate)
    {
        var mean = Value(unit, estimate.Mean);
        if (double.IsNaN(estimate.Confidence95) || estimate.Confidence95 == 0)
            return mean;
        var spread = unit == MetricUnit.Share ? (100 * estimate.Confidence95).ToString("F2", CultureInfo.InvariantCulture) : Value(unit, estimate.Confidence95);
        return unit == MetricUnit.Share ? $"{mean[..^2]} ±{spread} %" : $"{mean} ±{spread}";
    }
}
