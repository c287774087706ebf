using System.Collections.Immutable;
using System.Globalization;
using Spectre.Console;

namespace ServerlessLoki.Cli.Load;

/// <summary>Reports of a load run as tables that fit 80 columns.</summary>
internal static class LoadTables
{
    /// <summary>Prints all phases.</summary>
    public static void Print(IAnsiConsole screen, string pipeline, double sloMs, ImmutableArray<PhaseReport> reports)
    {
        var shown = reports.Length == 2 ? reports[..1] : reports;
        screen.WriteLine(double.IsFinite(sloMs) ? $"{pipeline}, SLO {sloMs:0.#} ms" : $"{pipeline}, no SLO");
        var figures = new Table().Border(TableBorder.Simple).AddColumns("phase");
        foreach (var name in (string[])["offered/s", "goodput/s", "in time", "unserved", "accuracy", "p50 ms", "p90", "p99", "max"])
            figures.AddColumn(new TableColumn(name).RightAligned());
        foreach (var column in figures.Columns)
            column.Padding(0, 1).NoWrap();
        foreach (var r in shown)
        {
            figures.AddRow(
                Markup.Escape(r.Name), Number(r.OfferedQps), Number(r.GoodputQps), Share(r.SloAttainment), Share(r.UnservedShare),
                Accuracy(r.EffectiveAccuracy), Number(r.P50Ms), Number(r.P90Ms), Number(r.P99Ms), Number(r.MaxMs));
        }

        screen.Write(figures);
        foreach (var r in shown)
        {
            screen.WriteLine($"{r.Name}: outcomes {Counts(r.Outcomes)}{(r.BeyondSlo > 0 ? $", of these 200 after the SLO × {r.BeyondSlo}" : string.Empty)}{(r.Variants.IsEmpty ? string.Empty : $"; variants {Shares(r.Variants, r.Completed)}")}");
            if (r.SendLagP99Ms > 20)
                screen.WriteLine($"  queries left up to {r.SendLagP99Ms:F0} ms late (p99): this machine is too busy to offer more; latencies include it");
        }
    }

    /// <summary>Writes a figure with about three significant digits; a dash when there is none.</summary>
    public static string Number(double? value) => value switch
    {
        null => "-",
        { } v when double.IsNaN(v) => "-",
        >= 10_000 => (value.Value / 1000).ToString("F0", CultureInfo.InvariantCulture) + "k",
        >= 100 or <= -100 => value.Value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 or <= -10 => value.Value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("F2", CultureInfo.InvariantCulture),
    };

    /// <summary>Writes a share as per cent.</summary>
    public static string Share(double value) => (100 * value).ToString(value is 0 or 1 ? "F0" : "F1", CultureInfo.InvariantCulture) + " %";

    /// <summary>Writes an accuracy in 0..1 with three digits; a dash when there is none.</summary>
    public static string Accuracy(double? value) => value?.ToString("F3", CultureInfo.InvariantCulture) ?? "-";

    private static string Counts(ImmutableSortedDictionary<string, int> counts) =>
        string.Join(", ", counts.Select(c => $"{c.Key} × {c.Value}"));

    private static string Shares(ImmutableSortedDictionary<string, int> counts, int completed) =>
        string.Join(", ", counts.Select(c => $"{c.Key} {Share((double)c.Value / Math.Max(1, completed))}"));
}
