using System.Globalization;
using ServerlessLoki.Cli.Load;
using Spectre.Console;

namespace ServerlessLoki.Cli.Inference;

/// <summary>Answer as a table.</summary>
internal static class InferTables
{
    /// <summary>Prints each root row with the later tasks' answers about it.</summary>
    public static void Print(IAnsiConsole screen, InferAnswer answer)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("found", "box, % of the image", "what exactly");
        table.AddColumn(new TableColumn("score").RightAligned());
        foreach (var row in answer.Found.Where(f => f.Parent is null))
        {
            var children = answer.Found.Where(f => f.Parent == row.Index).ToArray();
            table.AddRow(
                Markup.Escape($"{row.Label} {Score(row.Score)}"), Box(row.Box),
                Markup.Escape(children.Length == 0 ? "-" : string.Join("\n", children.Select(c => c.Label))),
                children.Length == 0 ? "-" : string.Join("\n", children.Select(c => Score(c.Score))));
        }

        if (table.Rows.Count == 0)
            screen.WriteLine("Nothing was found.");
        else
            screen.Write(table);
        screen.WriteLine($"{answer.Pipeline}: {LoadTables.Number(answer.LatencyMs)} ms, expected accuracy {LoadTables.Accuracy(answer.Accuracy)}");
        screen.WriteLine($"variants: {answer.Variants}");
    }

    private static string Score(double? score) => score?.ToString("F2", CultureInfo.InvariantCulture) ?? "";

    private static string Box(double[]? box) => box is null
        ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"x {100 * box[0]:F0}–{100 * box[2]:F0}, y {100 * box[1]:F0}–{100 * box[3]:F0}");
}
