using System.Collections.Immutable;
using ServerlessLoki.Cli.Charts;
using ServerlessLoki.Cli.Demo;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Models.Profiling;

namespace ServerlessLoki.Cli.Profiling;

/// <summary>Latency and throughput curves, one small chart per task and figure.</summary>
internal static class ProfileCharts
{
    /// <summary>Renders an SVG document: a column per task, latency above throughput.</summary>
    public static string Render(Pipeline pipeline, IReadOnlyList<ProfileMeasurement> measured) => ChartSheet.Render(
        $"{pipeline.Name}: latency and throughput by batch size",
        [
            .. pipeline.Tasks.Select(t => Panel(t, $"{t.Name}, p50 ms", measured, r => r.P50Ms)),
            .. pipeline.Tasks.Select(t => Panel(t, $"{t.Name}, rows/s", measured, ProfileTables.Qps)),
        ],
        pipeline.Tasks.Length, 380, 260);

    private static ChartPanel Panel(PipelineTask task, string title, IReadOnlyList<ProfileMeasurement> measured, Func<ProfileRow, double> figure)
    {
        var order = task.Variants.OrderBy(v => v.Accuracy).ToArray();
        return new ChartPanel
        {
            Title = title,
            XLabel = "batch",
            Log = true,
            Dots = true,
            XTicks = [.. measured.Select(m => (double)m.Row.Batch).Distinct().Order()],
            Series =
            [
                .. order.Select((variant, rank) => new ChartSeries(
                    DemoModel.Short(variant.Name, task.Name), ChartColors.Rank(rank, order.Length),
                    [.. measured.Where(m => m.Row.Variant == variant.Name).Select(m => ((double)m.Row.Batch, figure(m.Row)))])),
            ],
        };
    }
}
