using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using ServerlessLoki.Cli.Charts;
using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Demo;

/// <summary>The demo's results as one self-contained HTML page with inline SVG.</summary>
internal static class DemoPage
{
    /// <summary>Renders the page.</summary>
    /// <param name="runs">The policy that is compared with first, the policy that is shown last.</param>
    /// <param name="model">Tasks and variants.</param>
    /// <param name="promises">What was checked.</param>
    /// <param name="summary">One sentence about the machine and the load.</param>
    public static string Render(IReadOnlyList<DemoRun> runs, DemoModel model, ImmutableArray<Promise> promises, string summary)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $$$"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
            <title>ServerlessLoki demo</title><style>
            :root{color-scheme:light dark}
            body{margin:0 auto;max-width:1180px;padding:24px;font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;background:#fff;color:#1d2129}
            svg{width:100%;height:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;width:100%}
            th,td{padding:4px 10px;text-align:right;border-bottom:1px solid #e3e6ea}th:nth-child(-n+2),td:nth-child(-n+2){text-align:left}
            td.variants{font-size:13px;text-align:left}ul{list-style:none;padding:0}.wide{overflow-x:auto}.held{color:#1a7f4b}.broken{color:#c0392b}.unjudged{color:#96690a}
            @media (prefers-color-scheme:dark){body{background:#13161b;color:#e8eaed}th,td{border-color:#2c323a}.held{color:#4cc38a}.broken{color:#ff7b6b}.unjudged{color:#e0b64c}}
            {{{ChartSheet.Style}}}
            </style></head><body>
            <h1>One box, four phases of load</h1><p>{{{WebUtility.HtmlEncode(summary)}}}</p>
            """);
        page.Append(ChartSheet.Render("Demand, accuracy and latency over time", Figures(runs), 1, 1120, 220, inline: true));
        foreach (var run in runs.Reverse())
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>Variants that answered under {WebUtility.HtmlEncode(run.Policy)}</h2>");
            page.Append(ChartSheet.Render($"Variants under {run.Policy}", Variants(run, model), 1, 1120, 190, inline: true));
        }

        Table(page, runs, model);
        page.Append("<h2>Promises</h2><ul>");
        foreach (var promise in promises)
        {
            page.Append(CultureInfo.InvariantCulture, $"<li><b class=\"{(promise.Held ? "held" : promise.Broken ? "broken" : "unjudged")}\">{promise.Mark}</b> ")
                .Append(WebUtility.HtmlEncode($"{promise.Text}: {promise.Outcome}")).Append("</li>");
        }

        return page.Append("</ul></body></html>\n").ToString();
    }

    private static ImmutableArray<ChartPanel> Figures(IReadOnlyList<DemoRun> runs)
    {
        var seconds = runs.Select(DemoSecond.Of).ToArray();
        var bands = Bands(runs[0]);
        ChartSeries Series(int run, Func<DemoSecond, double> figure) => new(
            runs[run].Policy, run == runs.Count - 1 ? ChartColors.Main : ChartColors.Other, [.. seconds[run].Select(s => (s.At, figure(s)))]);
        ImmutableArray<ChartSeries> Both(Func<DemoSecond, double> figure) => [.. Enumerable.Range(0, runs.Count).Select(r => Series(r, figure))];
        return
        [
            new ChartPanel
            {
                Title = "Demand and goodput, queries/s",
                Series = [new ChartSeries("offered", ChartColors.Given, [.. seconds[^1].Select(s => (s.At, s.OfferedQps))], Dashed: true), .. Both(s => s.GoodputQps)],
                Bands = bands,
            },
            new ChartPanel { Title = "Expected accuracy of the answers", Series = Both(s => s.Accuracy), YMin = AccuracyFloor(seconds), YMax = 1, Bands = bands },
            new ChartPanel
            {
                Title = "p99 latency, ms",
                Series = Both(s => s.P99Ms),
                Rules = [(runs[0].SloMs, Invariant($"SLO {runs[0].SloMs:0.#} ms"))],
                Bands = bands,
            },
        ];
    }

    private static ImmutableArray<ChartPanel> Variants(DemoRun run, DemoModel model)
    {
        var seconds = DemoSecond.Of(run);
        return
        [
            .. model.Tasks.Select((task, t) => new ChartPanel
            {
                Title = $"{task.Task}, share of answers",
                Stacked = true,
                YMin = 0,
                YMax = 1,
                Bands = Bands(run),
                Series =
                [
                    .. task.Variants.Select((name, v) => new ChartSeries(
                        name, ChartColors.Rank(v, task.Variants.Length), [.. seconds.SelectMany(s => Step(s.At, model.Shares(t, s.Variants)[v]))])),
                ],
            }),
        ];
    }

    // A share holds for its whole second: a step, not a slope to the next.
    private static (double X, double Y)[] Step(double middle, double share) => [(middle - 0.5, share), (middle + 0.5, share)];

    private static ImmutableArray<(double From, double To, string Label)> Bands(DemoRun run) =>
        [.. run.Phases.Select((p, i) => (run.StartOf(i), run.StartOf(i) + p.Duration.TotalSeconds, p.Name))];

    private static double AccuracyFloor(IEnumerable<ImmutableArray<DemoSecond>> seconds)
    {
        var least = seconds.SelectMany(s => s.AsEnumerable()).Select(s => s.Accuracy).Where(double.IsFinite).DefaultIfEmpty(0).Min();
        return Math.Max(0, Math.Floor((least - 0.02) * 10) / 10);
    }

    private static void Table(StringBuilder page, IReadOnlyList<DemoRun> runs, DemoModel model)
    {
        page.Append("<h2>Per phase</h2><div class=\"wide\"><table><tr><th>phase</th><th>policy</th><th>offered q/s</th><th>goodput q/s</th>")
            .Append("<th>in time</th><th>unserved</th><th>accuracy</th><th>points below best</th><th>p50 ms</th><th>p99 ms</th><th>others %</th><th>variants</th></tr>");
        for (var phase = 0; phase < runs[0].Phases.Length; phase++)
        {
            foreach (var run in runs)
            {
                var r = run.Report(phase);
                string[] cells =
                [
                    r.Name, run.Policy, LoadTables.Number(r.OfferedQps), LoadTables.Number(r.GoodputQps), LoadTables.Share(r.SloAttainment),
                    LoadTables.Share(r.UnservedShare), LoadTables.Accuracy(r.EffectiveAccuracy), LoadTables.Number(run.PointsBelowBest(run.Of(phase))),
                    LoadTables.Number(r.P50Ms), LoadTables.Number(r.P99Ms),
                    run.OthersWorst(phase) is { } share ? Invariant($"{100 * share:F0}") : "-",
                ];
                page.Append("<tr>");
                foreach (var cell in cells)
                    page.Append("<td>").Append(WebUtility.HtmlEncode(cell)).Append("</td>");
                page.Append("<td class=\"variants\">").Append(WebUtility.HtmlEncode(string.Join("; ", model.Tasks.Select((t, i) => $"{t.Task} {model.Describe(i, r.Variants)}")))).Append("</td></tr>");
            }
        }

        page.Append("</table></div>");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
