using System.Globalization;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Cli.Output;
using Spectre.Console;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Evaluation as tables.</summary>
internal static class EvaluationTables
{
    private const int MostPaths = 20;

    /// <summary>Prints variants, paths and notes.</summary>
    public static void Print(CliConsole console, EvaluationReport report)
    {
        var variants = Table("task", "variant", "measure");
        foreach (var name in (string[])["accuracy", "95 %", "N", "file says"])
            variants.AddColumn(new TableColumn(name).RightAligned().NoWrap());
        foreach (var v in report.Variants)
        {
            variants.AddRow(
                Markup.Escape(v.Task), Markup.Escape(v.Variant), Markup.Escape(v.Metric), Figure(v.Score, v.Strict), v.Score.Interval, v.Count.ToString(CultureInfo.InvariantCulture), LoadTables.Accuracy(v.Stated));
        }

        console.Screen.Write(variants);
        foreach (var behind in report.Variants.Where(static v => v.Behind is not null).Select(static v => $"{v.Task} is measured behind {v.Behind}").Distinct(StringComparer.Ordinal))
            console.Line(Printable.Of(behind));
        if (!report.Paths.IsEmpty)
            Print(console, report.Paths);
        foreach (var note in report.Notes)
            console.Line(Printable.Of(note));
    }

    private static void Print(CliConsole console, IReadOnlyCollection<PathScore> paths)
    {
        var table = Table("path");
        foreach (var name in (string[])["measured", "95 %", "product of parts"])
            table.AddColumn(new TableColumn(name).RightAligned().NoWrap());
        foreach (var p in paths.Take(MostPaths))
            table.AddRow(Markup.Escape(string.Join(" → ", p.Variants)), Figure(p.Score, p.Strict), p.Score.Interval, LoadTables.Accuracy(p.Product));
        console.Screen.Write(table);
        if (paths.Count > MostPaths)
            console.Line(string.Create(CultureInfo.InvariantCulture, $"{paths.Count - MostPaths} less accurate paths are not shown; --json has all"));
    }

    /// <summary>Writes an accuracy; of boxes with the mean over ten thresholds behind it.</summary>
    private static string Figure(Estimate score, double? strict) => LoadTables.Accuracy(score.Value) + (strict is null ? "" : $" ({LoadTables.Accuracy(strict)})");

    private static Table Table(params string[] columns) => new Table().Border(TableBorder.Simple).AddColumns(columns);
}
