using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Cli.Pages;

namespace ServerlessLoki.Cli.Demo;

/// <summary>The demo's results as one self-contained HTML page.</summary>
internal static class DemoPage
{
    private static readonly string[] Columns =
        ["offered q/s", "goodput q/s", "in time", "unserved", "accuracy", "points below best", "p50 ms", "p99 ms", "others %"];

    /// <summary>Renders the page.</summary>
    /// <param name="runs">Runs of the reference policy and of the shown policy, in this order.</param>
    /// <param name="model">Tasks and variants of the pipeline.</param>
    /// <param name="promises">Checked promises.</param>
    /// <param name="summary">One sentence about the machine and the load.</param>
    public static string Render(IReadOnlyList<DemoRun> runs, DemoModel model, ImmutableArray<Promise> promises, string summary) => FigurePage.Render(
        "One box, four phases of load",
        summary,
        [
            new FigureSection("Over time", DemoFigures.Course(runs), Wide: true),
            .. runs.Reverse().Select(run => new FigureSection($"Variants under {run.Policy}", DemoFigures.Variants(run, model))),
        ],
        Table(runs, model) + List(promises));

    private static string Table(IReadOnlyList<DemoRun> runs, DemoModel model)
    {
        var html = new StringBuilder("<section><h2>Per phase</h2><div class=\"wide\" tabindex=\"0\"><table class=\"phases\"><thead><tr><th scope=\"col\">phase</th><th scope=\"col\" class=\"text\">policy</th>");
        foreach (var column in Columns)
            html.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{column}</th>");
        html.Append("<th scope=\"col\" class=\"text\">variants</th></tr></thead><tbody>");
        for (var phase = 0; phase < runs[0].Phases.Length; phase++)
        {
            foreach (var run in runs)
                Row(html, run, phase, model);
        }

        return html.Append("</tbody></table></div></section>").ToString();
    }

    private static void Row(StringBuilder html, DemoRun run, int phase, DemoModel model)
    {
        var r = run.Report(phase);
        html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{WebUtility.HtmlEncode(r.Name)}</th><td class=\"text\">{WebUtility.HtmlEncode(run.Policy)}</td>");
        string[] cells =
        [
            LoadTables.Number(r.OfferedQps), LoadTables.Number(r.GoodputQps), LoadTables.Share(r.SloAttainment), LoadTables.Share(r.UnservedShare),
            LoadTables.Accuracy(r.EffectiveAccuracy), LoadTables.Number(run.PointsBelowBest(run.Of(phase))), LoadTables.Number(r.P50Ms), LoadTables.Number(r.P99Ms),
            run.OthersWorst(phase) is { } share ? (100 * share).ToString("F0", CultureInfo.InvariantCulture) : "-",
        ];
        foreach (var cell in cells)
            html.Append(CultureInfo.InvariantCulture, $"<td>{WebUtility.HtmlEncode(cell)}</td>");
        var variants = string.Join("; ", model.Tasks.Select((t, i) => $"{t.Task} {model.Describe(i, r.Variants)}"));
        html.Append(CultureInfo.InvariantCulture, $"<td class=\"text long\">{WebUtility.HtmlEncode(variants)}</td></tr>");
    }

    private static string List(ImmutableArray<Promise> promises)
    {
        var html = new StringBuilder("<section><h2>Promises</h2><ul class=\"promises\">");
        foreach (var promise in promises)
        {
            html.Append(CultureInfo.InvariantCulture, $"<li><b class=\"{(promise.Held ? "held" : promise.Broken ? "broken" : "unjudged")}\">{promise.Mark}</b> ")
                .Append(WebUtility.HtmlEncode($"{promise.Text}: {promise.Outcome}")).Append("</li>");
        }

        return html.Append("</ul></section>").ToString();
    }
}
