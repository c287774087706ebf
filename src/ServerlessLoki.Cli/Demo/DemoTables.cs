using System.Collections.Immutable;
using ServerlessLoki.Cli.Load;
using Spectre.Console;

namespace ServerlessLoki.Cli.Demo;

/// <summary>The demo's results as text that fits 80 columns.</summary>
internal static class DemoTables
{
    /// <summary>Prints the table per phase, both policies side by side, then the promises.</summary>
    public static void Print(IAnsiConsole screen, IReadOnlyList<DemoRun> runs, DemoModel model, ImmutableArray<Promise> promises)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("phase", "policy");
        foreach (var name in (string[])["offered", "good", "in time", "unserved", "accur.", "below", "p50", "p99"])
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
                    LoadTables.Number(run.PointsBelowBest(run.Of(phase))), LoadTables.Number(report.P50Ms), LoadTables.Number(report.P99Ms));
            }

            if (phase + 1 < runs[0].Phases.Length)
                table.AddEmptyRow();
        }

        screen.Write(table);
        screen.WriteLine("offered, good: queries/s, good = in time; accur.: expected, mean of the answers;");
        screen.WriteLine("below: points below the most accurate path on the same scenes; p50, p99: ms");
        foreach (var run in runs)
            Variants(screen, run, model);
        screen.WriteLine();
        var width = promises.Max(p => p.Text.Length);
        foreach (var promise in promises)
            screen.MarkupLine($"{(promise.Held ? "[green]✓[/]" : "[red]✗[/]")} {Markup.Escape(promise.Text.PadRight(width))} {Markup.Escape(promise.Figure)}");
    }

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
