using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Scenarios.Comparison;

namespace ServerlessLoki.Cli.Report;

/// <summary>A comparison as one self-contained HTML page: it needs no network and no other file.</summary>
internal static class ReportPage
{
    // The default encoder also escapes "<", so that no name can end the script element that holds the data.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.Default, Converters = { new FiniteNumberConverter(4) },
    };

    /// <summary>Renders the page.</summary>
    /// <param name="result">What was compared.</param>
    /// <param name="pipelines">The scenario's pipelines, in its order.</param>
    public static string Render(ComparisonResult result, ImmutableArray<Pipeline> pipelines)
    {
        var data = ReportCourse.Of(result, pipelines);
        var heading = WebUtility.HtmlEncode(result.Scenario);
        return Fill(Asset("report.html"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["title"] = heading + ": policies compared",
            ["heading"] = heading,
            ["summary"] = WebUtility.HtmlEncode(Summary(result, pipelines, data)),
            ["reading"] = WebUtility.HtmlEncode(Reading(result)),
            ["course"] = WebUtility.HtmlEncode(Invariant($"The run with seed {result.Seeds[0]}, warm-up included; each point is {(data.Step == 1 ? "one second" : $"{data.Step} seconds")}. A click on a name hides or shows it; drag to zoom, double-click to zoom out.")),
            ["css"] = Asset("report.css"),
            ["table"] = ReportTable.Render(result),
            ["data"] = JsonSerializer.Serialize(data, Json),
            ["library"] = Asset("plotly.js"),
            ["script"] = Asset("report.js"),
        });
    }

    private static string Summary(ComparisonResult result, ImmutableArray<Pipeline> pipelines, ReportData data) =>
        Invariant($"{result.Policies.Length} policies met the same traffic “{result.Trace}” ({TimeSpan.FromSeconds(data.Seconds):h\\:mm\\:ss}), pipeline{(pipelines.Length == 1 ? "" : "s")} ")
        + string.Join(", ", pipelines.Select(p => Invariant($"{p.Name} (SLO {p.SloUs / 1000.0:0.#} ms)"))) + ".";

    private static string Reading(ComparisonResult result) =>
        (result.Seeds.Length == 1 ? Invariant($"One run, seed {result.Seeds[0]}. ") : Invariant($"Means over {result.Seeds.Length} seeds; ± is half the 95 % confidence interval. "))
        + Invariant($"Every query that arrived after the warm-up ({result.WarmUp.TotalSeconds:0.#} s) counts once; whatever is not answered in time is a violation. ")
        + "Accuracy is the mean over the queries answered in time, “worst 10 s” its least over ten seconds. The best of a column is marked.";

    /// <summary>Replaces each {{name}} once, in one pass, so that no value is searched for names.</summary>
    private static string Fill(string template, Dictionary<string, string> values) => string.Concat(
        template.Split("{{").Select((part, i) => i == 0 || part.IndexOf("}}", StringComparison.Ordinal) is not (> 0 and var end) ? part : values[part[..end]] + part[(end + 2)..]));

    private static string Asset(string name)
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
