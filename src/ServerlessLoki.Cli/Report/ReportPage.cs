using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using ServerlessLoki.Cli.Pages;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Scenarios.Comparison;

namespace ServerlessLoki.Cli.Report;

/// <summary>A comparison as one self-contained HTML page: it needs no network and no other file.</summary>
internal static class ReportPage
{
    /// <summary>Renders the page.</summary>
    /// <param name="result">Result of the comparison.</param>
    /// <param name="pipelines">Pipelines of the scenario, in its order.</param>
    public static string Render(ComparisonResult result, ImmutableArray<Pipeline> pipelines)
    {
        var data = ReportCourse.Of(result, pipelines);
        var heading = WebUtility.HtmlEncode(result.Scenario);
        return HtmlPage.Render("report", data, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["title"] = heading + ": policies compared",
            ["heading"] = heading,
            ["summary"] = WebUtility.HtmlEncode(Summary(result, pipelines, data)),
            ["reading"] = WebUtility.HtmlEncode(Reading(result)),
            ["course"] = WebUtility.HtmlEncode(Invariant($"The run with seed {result.Seeds[0]}, warm-up included; each point is {(data.Step == 1 ? "one second" : $"{data.Step} seconds")}. A click on a name hides or shows it; drag to zoom, double-click to zoom out.")),
            ["table"] = ReportTable.Render(result),
        });
    }

    private static string Summary(ComparisonResult result, ImmutableArray<Pipeline> pipelines, ReportData data) =>
        Invariant($"{result.Policies.Length} policies met the same traffic “{result.Trace}” ({TimeSpan.FromSeconds(data.Seconds):h\\:mm\\:ss}), pipeline{(pipelines.Length == 1 ? "" : "s")} ")
        + string.Join(", ", pipelines.Select(p => Invariant($"{p.Name} (SLO {p.SloUs / 1000.0:0.#} ms)"))) + ".";

    private static string Reading(ComparisonResult result) =>
        (result.Seeds.Length == 1 ? Invariant($"One run, seed {result.Seeds[0]}. ") : Invariant($"Means over {result.Seeds.Length} seeds; ± is half the 95 % confidence interval. "))
        + Invariant($"Every query that arrived after the warm-up ({result.WarmUp.TotalSeconds:0.#} s) counts once; whatever is not answered in time is a violation. ")
        + "Accuracy is the mean over the queries answered in time, “worst 10 s” its least over ten seconds. The best of a column is marked."
        + (result.Bound is null ? "" : " The clairvoyant bound knows the demand of each second, takes fractions of slots and never queues; dashed lines are its course.");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
