using System.Globalization;
using ServerlessLoki.Scenarios.Comparison;
using Spectre.Console;
using static ServerlessLoki.Scenarios.Comparison.ComparisonMetrics;

namespace ServerlessLoki.Cli.Comparison;

/// <summary>Comparison as tables that fit 80 columns: attainment, accuracy and cost.</summary>
internal static class ComparisonTables
{
    private static readonly (string Title, ComparisonMetric[] Metrics)[] Sheets =
    [
        ("answered in time, and why not", [Attainment, Late, Dropped, Rejected, Failed, Unfinished]),
        ("how well", [Accuracy, WorstAccuracy, AccuracyOverAll, P50, P99, Goodput]),
        ("at what price", [ServersMean, ServersMax, CostPerHour, Swaps, PlanChanges, PlanMedian, PlanMax]),
    ];

    /// <summary>Figures that are shown with their confidence interval.</summary>
    private static readonly ComparisonMetric[] Main = [Attainment, Accuracy, ServersMean];

    /// <summary>Prints all tables; the best of each column is marked by a star.</summary>
    public static void Print(IAnsiConsole screen, ComparisonResult result)
    {
        screen.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Scenario}: traffic {result.Trace}, {result.Seeds.Length} {(result.Seeds.Length == 1 ? "seed" : "seeds")}{(result.WarmUp > TimeSpan.Zero ? $", measured after {result.WarmUp.TotalSeconds:0.#} s" : "")}"));
        var planned = result.Policies.Any(static p => p.Refused is null);
        if (planned)
            PrintSheets(screen, result);
        foreach (var policy in result.Policies.Where(p => p.Refused is not null))
            screen.WriteLine($"{policy.Label} cannot plan this: {policy.Refused}");
        if (planned)
            screen.WriteLine($"* best of its column{(result.Seeds.Length > 1 ? "; ± 95 % confidence of the mean over seeds" : "")}");
        if (Beside(result) is { } beside)
            screen.WriteLine(beside);
    }

    /// <summary>Explains servers that are more than the cluster's slots; null where none are.</summary>
    public static string? Beside(ComparisonResult result) => result.Policies.Any(p => p.Refused is null && Math.Max(p[ServersMax].Mean, p[ServersMean].Mean) > result.Slots)
        ? $"servers: loaded replicas, also those that stand beside in a slot (old and new during a change, or several at once), so more than {result.Slots} slots"
        : null;

    private static void PrintSheets(IAnsiConsole screen, ComparisonResult result)
    {
        foreach (var (title, metrics) in Sheets)
            screen.Write(Sheet(result, title, [.. metrics.Where(m => IsTold(result, m))]));
        if (result.Bound is { } bound)
            screen.Write(BoundSheet(result, bound));
    }

    /// <summary>Makes a table of the bound's own figures, with each policy's share of the bound below.</summary>
    private static Table BoundSheet(ComparisonResult result, ComparisonBound bound)
    {
        ComparisonMetric[] metrics = [.. ComparisonBound.Bounded.Where(m => IsTold(result, m))];
        var table = Columns("of the clairvoyant bound", metrics);
        table.AddRow(["[italic]the bound[/]", .. metrics.Select(m => MetricText.Value(m.Unit, bound[m].Mean) + " ")]);
        foreach (var policy in result.Policies.Where(p => p.Refused is null))
            table.AddRow([Markup.Escape(policy.Label), .. metrics.Select(m => MetricText.OfBound(m, bound.Share(policy, m)) + " ")]);
        return table;
    }

    // A cause that nobody has, or a cost where nothing has a price, would only take room.
    private static bool IsTold(ComparisonResult result, ComparisonMetric metric) =>
        metric == Attainment || metric == Accuracy || result.Policies.Any(p => p[metric].Mean is not 0 and not double.NaN);

    private static Table Sheet(ComparisonResult result, string title, ComparisonMetric[] metrics)
    {
        var table = Columns(title, metrics);
        foreach (var policy in result.Policies.Where(p => p.Refused is null))
            table.AddRow([Markup.Escape(policy.Label), .. metrics.Select(m => Cell(result, policy, m))]);
        return table;
    }

    private static Table Columns(string title, ComparisonMetric[] metrics)
    {
        var table = new Table().Border(TableBorder.Simple).Title(title).AddColumn("policy");
        foreach (var metric in metrics)
            table.AddColumn(new TableColumn(metric.Title).RightAligned());
        foreach (var column in table.Columns)
            column.Padding(0, 1).NoWrap();
        return table;
    }

    private static string Cell(ComparisonResult result, PolicyComparison policy, ComparisonMetric metric)
    {
        var text = Main.Contains(metric) ? MetricText.WithConfidence(metric.Unit, policy[metric]) : MetricText.Value(metric.Unit, policy[metric].Mean);
        return result.Best(metric).Contains(policy.Label, StringComparer.Ordinal) ? $"[bold]{Markup.Escape(text)}*[/]" : Markup.Escape(text) + " ";
    }
}
