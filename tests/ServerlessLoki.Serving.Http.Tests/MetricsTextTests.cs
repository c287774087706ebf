using System.Text.RegularExpressions;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Http.Tests;

/// <summary>Dashboards and alerts are built on these: names, types, help texts and labels stay as they are.</summary>
public sealed partial class MetricsTextTests
{
    [Fact]
    public void Of_AnEngine_HasTheFamiliesThatDashboardsRead()
    {
        var engine = new FakeEngine();
        Count(engine.Metrics);
        var text = MetricsText.Of(engine);
        var shape = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Shape).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "metrics.txt")), shape);
    }

    /// <summary>Something different everywhere.</summary>
    private static void Count(ServingMetrics metrics)
    {
        var n = 0;
        foreach (var histogram in (Histogram[])[metrics.DoorUs, metrics.DecodeUs, metrics.PlanUs, metrics.SwapUs])
            histogram.Record(123_456 * ++n);
        foreach (var pipeline in metrics.Pipelines)
        {
            for (var i = ++n; i >= 0; i--)
                pipeline.Arrived();
            pipeline.Admitted();
            foreach (var outcome in Enum.GetValues<QueryOutcome>().Skip(1))
                pipeline.Ended(outcome);
            pipeline.Ended(QueryOutcome.Completed, new QueryTimes(5_000 * ++n, 777, -1), 0.75);
            pipeline.Ended(QueryOutcome.Completed, new QueryTimes(1_234 * n, 4_000, 5), 0.5);
        }

        foreach (var variant in metrics.Variants.SelectMany(p => p).SelectMany(t => t))
        {
            variant.QueueUs.Record(101 * ++n);
            variant.Ran(1 + (n % 5), 10 * n, 100 * n, n);
            variant.Served();
            variant.Failed();
            for (var i = 0; i < n; i++)
                variant.RowFailed();
            variant.Refused();
            variant.NonFinite();
            variant.Dropped();
            variant.Swapped();
        }
    }

    /// <summary>A sample without its value and without the names of models.</summary>
    private static string Shape(string line) => line[0] == '#' ? line : Names().Replace(line[..line.LastIndexOf(' ')], """${name}="" """.TrimEnd());

    [GeneratedRegex("""\b(?<name>pipeline|task|variant|model)="[^"]*["]""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Names();
}
