using Spectre.Console;

namespace ServerlessLoki.Cli.Checking;

/// <summary>Reports of checks as a table that fits 80 columns.</summary>
internal static class CheckTables
{
    /// <summary>Prints all models and their differences.</summary>
    public static void Print(IAnsiConsole screen, IReadOnlyList<CheckReport> reports)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("model", "kind");
        foreach (var name in (string[])["same", "different", "other variants", "refused"])
            table.AddColumn(new TableColumn(name).RightAligned());
        table.AddColumn("");
        foreach (var column in table.Columns)
            column.Padding(0, 1).NoWrap();
        foreach (var r in reports)
        {
            table.AddRow(
                Markup.Escape(r.Model), r.Kind, $"{r.Same}", $"{r.Different}", $"{r.Unlike}", $"{r.Refused}",
                r.Passed ? "ok" : r.Different > 0 ? "WRONG" : "not compared");
        }

        screen.Write(table);
        foreach (var r in reports.Where(r => r.Example is not null))
            screen.WriteLine($"{r.Model}: {r.Example}");
    }
}
