using ServerlessLoki.Cli.Load;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Models.Profiling;
using Spectre.Console;

namespace ServerlessLoki.Cli.Profiling;

/// <summary>Profile as one table per task: variants by batch size.</summary>
internal static class ProfileTables
{
    /// <summary>Computes the rows per second at the median.</summary>
    public static double Qps(ProfileRow row) => row.Batch * 1000 / row.P50Ms;

    /// <summary>Prints all tasks.</summary>
    public static void Print(IAnsiConsole screen, Pipeline pipeline, IReadOnlyList<ProfileMeasurement> measured)
    {
        var rows = measured.ToDictionary(m => (m.Row.Variant, m.Row.Batch), m => m.Row);
        var sizes = measured.Select(m => m.Row.Batch).Distinct().Order().ToArray();
        foreach (var task in pipeline.Tasks)
        {
            var table = new Table().Border(TableBorder.Simple).Title(Markup.Escape(task.Name)).AddColumns("variant", "batch");
            foreach (var size in sizes)
                table.AddColumn(new TableColumn($"{size}").RightAligned());
            foreach (var column in table.Columns)
                column.Padding(0, 1).NoWrap();
            foreach (var variant in task.Variants)
            {
                Add(table, variant.Name, "p50 ms", sizes, s => Find(variant.Name, s)?.P50Ms);
                Add(table, string.Empty, "p99 ms", sizes, s => Find(variant.Name, s)?.P99Ms);
                Add(table, string.Empty, "rows/s", sizes, s => Find(variant.Name, s) is { } row ? Qps(row) : null);
            }

            screen.Write(table);
        }

        ProfileRow? Find(string variant, int batch) => rows.TryGetValue((variant, batch), out var row) ? row : null;
    }

    private static void Add(Table table, string variant, string figure, int[] sizes, Func<int, double?> value) =>
        table.AddRow([Markup.Escape(variant), figure, .. sizes.Select(s => LoadTables.Number(value(s)))]);
}
