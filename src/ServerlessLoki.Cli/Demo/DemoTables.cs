using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Cli.Load;
using Spectre.Console;

namespace ServerlessLoki.Cli.Demo;

/// <summary>Results of the demo as text that fits 80 columns.</summary>
internal static class DemoTables
{
    /// <summary>Prints the table per phase, both policies side by side, then the promises.</summary>
    public static void Print(IAnsiConsole screen, IReadOnlyList<DemoRun> runs, DemoModel model, ImmutableArray<Promise> promises)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("phase", "policy");
        foreach (var name in (string[])["asked", "good", "timely", "lost", "acc.", "below", "p50", "p99", "other"])
            table.AddColumn(new TableColumn(name).RightAligned());
        foreach (var column in table.Columns)
            column.Padding(0, 1).NoWrap();
        for (var phase = 0; phase < runs[0].Phases.Length; phase++)
        {
            foreach (var run in runs)
            {
                var report = run.Report(phase);
                table.AddRow(
                    run == runs[0] ? Markup.Escape(report.Name) : string.Empty, Markup.Escape(run.Policy),
                    LoadTables.Number(report.OfferedQps), LoadTables.Number(report.GoodputQps), LoadTables.Share(report.SloAttainment),
                    LoadTables.Share(report.UnservedShare), LoadTables.Accuracy(report.EffectiveAccuracy),
                    LoadTables.Number(run.PointsBelowBest(run.Of(phase))), LoadTables.Number(report.P50Ms), LoadTables.Number(report.P99Ms),
                    Others(run, phase));
            }

            if (phase + 1 < runs[0].Phases.Length)
                table.AddEmptyRow();
        }

        screen.Write(table);
        screen.WriteLine("asked, good: queries/s; good, timely: in time; lost: not answered; acc.: expected,");
        screen.WriteLine("mean of the answers; below: points below the most accurate path on the same");
        screen.WriteLine("scenes; p50, p99: ms; other: % of the cores that other processes took, at worst");
        foreach (var run in runs)
            Variants(screen, run, model);
        screen.WriteLine();
        var width = promises.Max(p => p.Text.Length);
        foreach (var promise in promises)
        {
            var color = promise.Held ? "green" : promise.Broken ? "red" : "yellow";
            screen.MarkupLine($"[{color}]{promise.Mark}[/] {Markup.Escape(promise.Text.PadRight(width))} {Markup.Escape(promise.Figure)}");
            if (promise.NotJudged is { } cause)
                screen.MarkupLine($"  [{color}]not judged: {Markup.Escape(cause)}[/]");
        }

        if (runs[^1].OthersShare(0) is null)
            screen.WriteLine("What other processes take of the cores cannot be measured here: all is judged.");
        else if (promises.Any(p => p.NotJudged is not null))
            screen.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Not judged: others took more than {100 * DemoPromises.OthersLimit:F0} % of the cores. Try again when they are done."));
    }

    private static string Others(DemoRun run, int phase) =>
        run.OthersWorst(phase) is { } share ? (100 * share).ToString("F0", CultureInfo.InvariantCulture) : "-";

    private static void Variants(IAnsiConsole screen, DemoRun run, DemoModel model)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(Markup.Escape(run.Policy));
        foreach (var (task, _) in model.Tasks)
            table.AddColumn(Markup.Escape(task));
        foreach (var column in table.Columns)
            column.Padding(0, 1);
        for (var phase = 0; phase < run.Phases.Length; phase++)
        {
            var answers = run.Report(phase).Variants;
            table.AddRow([run.Phases[phase].Name, .. model.Tasks.Select((_, t) => Markup.Escape(model.Describe(t, answers)))]);
        }

        screen.Write(table);
    }
}
