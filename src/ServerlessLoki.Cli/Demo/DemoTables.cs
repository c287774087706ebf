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
        screen.WriteLine("offered, good (in time): queries/s; accuracy: expected, mean of the answers; below: points below the");
        screen.WriteLine("most accurate path on the same scenes; p50, p99: ms from the intended send time.");
        screen.WriteLine();
        foreach (var run in runs)
        {
            screen.WriteLine($"variants under {run.Policy}, share of the answers of each task:");
            for (var phase = 0; phase < run.Phases.Length; phase++)
                screen.WriteLine($"  {run.Phases[phase].Name,-12}{model.Describe(run.Report(phase).Variants)}");
        }

        screen.WriteLine();
        foreach (var promise in promises)
            screen.MarkupLine($"{(promise.Held ? "[green]✓[/]" : "[red]✗[/]")} {Markup.Escape(promise.Text)}: {Markup.Escape(promise.Figure)}");
    }
}
