using System.Diagnostics;
using System.Globalization;
using System.Text;
using ServerlessLoki.Scenarios.Comparison;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>Tables in Markdown, on the console as they grow.</summary>
internal sealed class ReproductionReport
{
    private readonly StringBuilder _text = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public string Text => _text.ToString();

    public TimeSpan Elapsed => _watch.Elapsed;

    public void Line(string line = "")
    {
        Console.WriteLine(line);
        _text.Append(line).Append('\n');
    }

    /// <summary>A table; the first column is text, the others are figures.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        Line();
        Line($"| {string.Join(" | ", columns)} |");
        Line($"|---|{string.Concat(Enumerable.Repeat("---:|", columns.Count - 1))}");
        foreach (var row in rows)
            Line($"| {string.Join(" | ", row)} |");
        Line();
    }

    /// <summary>One row per policy; "±" is half of the 95 % confidence interval over the seeds. A setting in parentheses is the rival's best:
    /// head-room, period and batching.</summary>
    public void Policies(ComparisonResult result, string costName, ComparisonMetric cost)
    {
        var rows = result.Policies.Select(IReadOnlyList<string> (p) => p.Refused is { } why
            ? [p.Label, "refused: " + why, .. Enumerable.Repeat("", 9)]
            : [
                p.Label, Share(p[ComparisonMetrics.Violation]), Percent(1 - p[ComparisonMetrics.LeafAttainment].Mean), Percent(p[ComparisonMetrics.Rejected].Mean),
                Points(p[ComparisonMetrics.Accuracy].Mean), Points(p[ComparisonMetrics.LeafAccuracy].Mean), Points(p[ComparisonMetrics.WorstAccuracy].Mean), Points(p[ComparisonMetrics.AccuracyOverAll].Mean),
                Number(p[cost].Mean), Number(p[ComparisonMetrics.Swaps].Mean), Number(p[ComparisonMetrics.P99].Mean),
            ]);
        if (result.Bound is { } bound)
        {
            rows = rows.Append([
                "*clairvoyant bound*", Percent(1 - bound[ComparisonMetrics.Attainment].Mean), "", "", Points(bound[ComparisonMetrics.Accuracy].Mean), "", "",
                Points(bound[ComparisonMetrics.AccuracyOverAll].Mean), Number(bound[cost].Mean), "", "",
            ]);
        }

        Table(["policy", "violated", "by leaf", "refused", "accuracy", "by leaf", "worst 10 s", "acc. over all", costName, "swaps", "p99 ms"], rows);
    }

    /// <summary>What was claimed beside what came out. "Up to" holds where the direction does: the largest ratio of a paper's
    /// experiments is not promised for each.</summary>
    public void Claims(IEnumerable<Claim> claims) => Table(
        ["claim", "published", "here", "holds"], claims.Select(IReadOnlyList<string> (c) => [c.What, c.Published, c.Here, c.Holds ? "yes" : "**no**"]));

    public static string Percent(double share) => double.IsNaN(share) ? "–" : Format(100 * share, "0.00") + " %";

    public static string Points(double accuracy) => double.IsNaN(accuracy) ? "–" : Format(100 * accuracy, "0.00");

    public static string Number(double value) => double.IsNaN(value) ? "–" : Format(value, Math.Abs(value) switch { >= 100 => "#,0", >= 10 => "0.0", _ => "0.00" });

    private static string Share(Estimate estimate) =>
        Percent(estimate.Mean) + (double.IsNaN(estimate.Confidence95) ? "" : " ± " + Format(100 * estimate.Confidence95, "0.00"));

    private static string Format(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
