using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Cli.Figures;

namespace ServerlessLoki.Cli.Demo;

/// <summary>Figures of the demo's page and picture.</summary>
internal static class DemoFigures
{
    private static readonly FigureAxis Time = new("seconds");

    /// <summary>Makes the figures of demand, accuracy and latency of all runs over time.</summary>
    /// <param name="runs">Runs of the reference policy and of the shown policy, in this order.</param>
    public static ImmutableArray<Figure> Course(IReadOnlyList<DemoRun> runs)
    {
        var seconds = runs.Select(DemoSecond.Of).ToArray();
        var bands = Bands(runs[0]);
        ImmutableArray<double> at = [.. seconds[^1].Select(s => s.At)];
        ImmutableArray<FigureSeries> Each(Func<DemoSecond, double> read) =>
            [.. runs.Select((run, r) => new FigureSeries(run.Policy, FigureColor.Of(runs.Count - 1 - r), [.. seconds[r].Select(s => s.At)], [.. seconds[r].Select(read)]))];
        FigureSeries Given(string name, Func<DemoSecond, double> read) => new(name, FigureColor.Given, at, [.. seconds[^1].Select(read)], Dotted: true);
        return
        [
            new Figure
            {
                Title = "Demand, and answers in time", X = Time, Y = new FigureAxis("queries/s"), Bands = bands,
                Series = [Given("demand", s => s.OfferedQps), .. Each(s => s.GoodputQps)],
            },
            new Figure
            {
                Title = "Expected accuracy of the answers", X = Time, Y = new FigureAxis("accuracy", Low: AccuracyFloor(seconds), High: 1), Bands = bands,
                Series = Each(s => s.Accuracy),
            },
            new Figure
            {
                Title = "99th percentile of the latency", X = Time, Y = new FigureAxis("ms"), Bands = bands,
                Series = [Given(string.Create(CultureInfo.InvariantCulture, $"SLO {runs[0].SloMs:0.#} ms"), _ => runs[0].SloMs), .. Each(s => s.P99Ms)],
            },
        ];
    }

    /// <summary>Makes a figure of the answering variants for each task.</summary>
    public static ImmutableArray<Figure> Variants(DemoRun run, DemoModel model)
    {
        var seconds = DemoSecond.Of(run);
        // A share holds for its whole second, the last one's until the end.
        ImmutableArray<double> starts = [.. seconds.Select(s => s.At - 0.5), .. seconds.TakeLast(1).Select(s => s.At + 0.5)];
        return
        [
            .. model.Tasks.Select((task, t) => new Figure
            {
                Title = $"Variants of {task.Task} that answered under {run.Policy}", X = Time, Y = new FigureAxis("share of answers", Low: 0, High: 1),
                Bands = Bands(run), Stacked = true,
                Series =
                [
                    .. task.Variants.Select((name, v) => new FigureSeries(
                        name, FigureColor.OfVariant(t, v, task.Variants.Length), starts,
                        [.. seconds.Concat(seconds.TakeLast(1)).Select(s => model.Shares(t, s.Variants)[v])])),
                ],
            }),
        ];
    }

    /// <summary>Makes the figures of the picture: the time course, and the variants of the first task.</summary>
    public static ImmutableArray<Figure> Picture(IReadOnlyList<DemoRun> runs, DemoModel model) => [.. Course(runs), .. Variants(runs[^1], model).Take(1)];

    private static ImmutableArray<FigureBand> Bands(DemoRun run) =>
        [.. run.Phases.Select((p, i) => new FigureBand(p.Name, run.StartOf(i), run.StartOf(i) + p.Duration.TotalSeconds))];

    private static double AccuracyFloor(IEnumerable<ImmutableArray<DemoSecond>> seconds)
    {
        var least = seconds.SelectMany(s => s.AsEnumerable()).Select(s => s.Accuracy).Where(double.IsFinite).DefaultIfEmpty(0).Min();
        return Math.Max(0, Math.Floor((least - 0.02) * 10) / 10);
    }
}
