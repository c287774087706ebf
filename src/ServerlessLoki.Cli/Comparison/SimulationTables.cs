using System.Globalization;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Planning;
using ServerlessLoki.Scenarios.Comparison;
using ServerlessLoki.Simulation;
using Spectre.Console;

namespace ServerlessLoki.Cli.Comparison;

/// <summary>Simulation as tables that fit 80 columns: the figures, then the time course in a dozen periods.</summary>
internal static class SimulationTables
{
    private const int Periods = 12;

    /// <summary>Prints the only policy of a result.</summary>
    public static void Print(IAnsiConsole screen, PlanningProblem problem, ComparisonResult result)
    {
        var policy = result.Policies[0];
        var total = policy.Metrics[0];
        screen.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{result.Scenario}: policy {policy.Label}, traffic {result.Trace}, seed {result.Seeds[0]}"));
        screen.WriteLine($"  {MetricText.Value(MetricUnit.Share, total.Attainment)} of {total.Arrivals:N0} queries in time: {Causes(total)}");
        screen.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  accuracy {LoadTables.Accuracy(total.EffectiveAccuracy)} (worst 10 s {Figure(ComparisonMetrics.WorstAccuracy)}), latency p50 {LoadTables.Number(total.P50Us / 1000)}, p99 {LoadTables.Number(total.P99Us / 1000)} ms"));
        screen.WriteLine(
            $"  {Figure(ComparisonMetrics.ServersMean)} slots in use, at most {Figure(ComparisonMetrics.ServersMax)}; {Figure(ComparisonMetrics.Swaps)} swaps in {Figure(ComparisonMetrics.PlanChanges)} plans{Cost()}");
        screen.WriteLine($"  one plan takes {Figure(ComparisonMetrics.PlanMedian)} ms, at most {Figure(ComparisonMetrics.PlanMax)} ms");
        if (policy.Pipelines.Length > 1)
            screen.Write(ByPipeline(result, policy));
        screen.Write(Course(problem, policy.Timeline!));

        string Figure(ComparisonMetric metric) => MetricText.Value(metric.Unit, policy[metric].Mean);
        string Cost() => policy[ComparisonMetrics.CostPerHour].Mean > 0 ? $"; {Figure(ComparisonMetrics.CostPerHour)} per hour" : "";
    }

    private static string Causes(SimulationMetrics m)
    {
        var causes = new[] { (m.Late, "late"), (m.Expired, "dropped"), (m.Rejected, "rejected"), (m.Failed, "failed"), (m.Unfinished, "unfinished") };
        var told = causes.Where(c => c.Item1 > 0).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Item1:N0} {c.Item2}")).ToArray();
        return told.Length == 0 ? "none lost" : string.Join(", ", told);
    }

    private static Table ByPipeline(ComparisonResult result, PolicyComparison policy)
    {
        var table = Table("pipelines", "pipeline", "queries", "in time", "accuracy", "p50 ms", "p99 ms", "goodput/s");
        foreach (var (name, m) in result.Pipelines.Zip(policy.Pipelines))
        {
            table.AddRow(
                Markup.Escape(name), m.Arrivals.ToString("N0", CultureInfo.InvariantCulture), MetricText.Value(MetricUnit.Share, m.Attainment),
                LoadTables.Accuracy(m.EffectiveAccuracy), LoadTables.Number(m.P50Us / 1000), LoadTables.Number(m.P99Us / 1000), LoadTables.Number(m.GoodputQps));
        }

        return table;
    }

    private static Table Course(PlanningProblem problem, PolicyTimeline timeline)
    {
        // What drains after the last arrival is no period of its own.
        var last = timeline.Seconds.Length;
        while (last > 1 && timeline.Seconds[last - 1].Arrivals == 0)
            last--;
        var length = Math.Max(1, (int)Math.Ceiling(last / (double)Periods));
        var table = Table("course", "from s", "asked/s", "in time/s", "in time", "accuracy", "p99 ms", "slots", "most slots run");
        table.Columns[^1].LeftAligned();
        table.Columns[^1].NoWrap = false;
        for (var from = 0; from < last; from += length)
        {
            var period = CoursePeriod.Of(timeline, from, Math.Min(length, last - from));
            table.AddRow(
                $"{from}", LoadTables.Number(period.AskedQps), LoadTables.Number(period.OnTimeQps), MetricText.Value(MetricUnit.Share, period.Attainment),
                LoadTables.Accuracy(period.Accuracy), LoadTables.Number(period.WorstP99Ms), LoadTables.Number(period.Servers),
                Markup.Escape(CoursePeriod.Variants(problem, timeline, from + (Math.Min(length, last - from) / 2))));
        }

        return table;
    }

    private static Table Table(string title, params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple).Title(title);
        for (var i = 0; i < columns.Length; i++)
            table.AddColumn(i == 0 ? new TableColumn(columns[i]) : new TableColumn(columns[i]).RightAligned());
        foreach (var column in table.Columns)
            column.Padding(0, 1).NoWrap();
        return table;
    }
}
