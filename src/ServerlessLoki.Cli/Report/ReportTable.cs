using System.Globalization;
using System.Net;
using System.Text;
using ServerlessLoki.Cli.Comparison;
using ServerlessLoki.Scenarios.Comparison;

namespace ServerlessLoki.Cli.Report;

/// <summary>Figures as an HTML table, the best of each column marked.</summary>
internal static class ReportTable
{
    private static readonly ComparisonMetric[] Always =
    [
        ComparisonMetrics.Attainment, ComparisonMetrics.Accuracy, ComparisonMetrics.WorstAccuracy, ComparisonMetrics.CostPerHour, ComparisonMetrics.ServersMean,
        ComparisonMetrics.Swaps, ComparisonMetrics.P50, ComparisonMetrics.P99, ComparisonMetrics.PlanMedian, ComparisonMetrics.PlanMax,
    ];

    private static readonly ComparisonMetric[] Causes =
    [
        ComparisonMetrics.Late, ComparisonMetrics.Dropped, ComparisonMetrics.Rejected, ComparisonMetrics.Failed, ComparisonMetrics.Unfinished,
    ];

    /// <summary>Renders the table.</summary>
    public static string Render(ComparisonResult result)
    {
        var known = result.Policies.Where(p => p.Refused is null).ToArray();
        // A column of noughts, or of nothing, tells nothing.
        ComparisonMetric[] columns =
        [
            Always[0],
            .. Causes.Where(c => known.Any(p => p[c].Mean > 0)),
            .. Always.Skip(1).Where(c => known.Any(p => !double.IsNaN(p[c].Mean) && (c != ComparisonMetrics.CostPerHour || p[c].Mean > 0))),
        ];
        var html = new StringBuilder("<div class=\"wide policies\" tabindex=\"0\"><table><thead><tr><th>policy</th>");
        foreach (var column in columns)
            html.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{WebUtility.HtmlEncode(column.Title)}</th>");
        html.Append("</tr></thead><tbody>");
        var color = 0;
        foreach (var policy in result.Policies)
        {
            var swatch = policy.Refused is null ? $"<span class=\"swatch\" style=\"background:var(--p{color++ % 10})\"></span>" : "";
            html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{swatch}{WebUtility.HtmlEncode(policy.Label)}</th>");
            if (policy.Refused is { } reason)
                html.Append(CultureInfo.InvariantCulture, $"<td class=\"refused\" colspan=\"{columns.Length}\">cannot plan this: {WebUtility.HtmlEncode(reason)}</td>");
            else
                Row(html, result, policy, columns);
            html.Append("</tr>");
        }

        if (result.Bound is { } bound)
        {
            html.Append("<tr class=\"bound\"><th scope=\"row\">clairvoyant bound</th>");
            foreach (var column in columns)
                html.Append(CultureInfo.InvariantCulture, $"<td{Label(column)}>{(ComparisonBound.Bounded.Contains(column) ? Number(bound[column].Mean, column.Unit, signed: false) : "–")}</td>");
            html.Append("</tr>");
        }

        html.Append("</tbody></table></div>");
        if (ComparisonTables.Beside(result) is { } beside)
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{WebUtility.HtmlEncode(beside)}</p>");
        return html.ToString();
    }

    private static void Row(StringBuilder html, ComparisonResult result, PolicyComparison policy, ComparisonMetric[] columns)
    {
        foreach (var column in columns)
        {
            var figure = policy[column];
            var best = result.Best(column).Contains(policy.Label, StringComparer.Ordinal);
            html.Append(best ? $"<td class=\"best\" title=\"best\"{Label(column)}>" : $"<td{Label(column)}>").Append(Number(figure.Mean, column.Unit, signed: false));
            if (figure.Confidence95 > 0)
                html.Append(CultureInfo.InvariantCulture, $" <small>±{Number(figure.Confidence95, column.Unit, signed: true)}</small>");
            html.Append("</td>");
        }
    }

    /// <summary>Writes the column's name for its cell, for screens too narrow for a table.</summary>
    private static string Label(ComparisonMetric column) => $" data-label=\"{WebUtility.HtmlEncode(column.Title)}\"";

    private static string Number(double value, MetricUnit unit, bool signed) => double.IsNaN(value) ? "–" : unit switch
    {
        MetricUnit.Share => (100 * value).ToString(signed ? "0.0#" : "0.00", CultureInfo.InvariantCulture) + (signed ? "" : "&nbsp;%"),
        MetricUnit.Accuracy => value.ToString(signed ? "0.000#" : "0.0000", CultureInfo.InvariantCulture),
        MetricUnit.Count or MetricUnit.Qps => value.ToString("0.#", CultureInfo.InvariantCulture),
        MetricUnit.PricePerHour or MetricUnit.Slots => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString(value < 10 ? "0.00" : "0.#", CultureInfo.InvariantCulture),
    };
}
