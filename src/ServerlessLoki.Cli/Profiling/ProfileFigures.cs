using System.Collections.Immutable;
using ServerlessLoki.Cli.Figures;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Models.Profiling;

namespace ServerlessLoki.Cli.Profiling;

/// <summary>Latency and throughput over batch size, a line for each variant.</summary>
internal static class ProfileFigures
{
    /// <summary>Makes the latency and throughput figures of each task.</summary>
    public static ImmutableArray<Figure> Of(Pipeline pipeline, IReadOnlyList<ProfileMeasurement> measured) =>
        [.. pipeline.Tasks.SelectMany(t => Of(t, measured))];

    /// <summary>Makes the latency and throughput figures of one task.</summary>
    public static ImmutableArray<Figure> Of(PipelineTask task, IReadOnlyList<ProfileMeasurement> measured) =>
    [
        Curves(task, $"{task.Name}: median latency", "ms", measured, r => r.P50Ms),
        Curves(task, $"{task.Name}: throughput", "rows/s", measured, ProfileTables.Qps),
    ];

    private static Figure Curves(PipelineTask task, string title, string unit, IReadOnlyList<ProfileMeasurement> measured, Func<ProfileRow, double> read) => new()
    {
        Title = title,
        X = new FigureAxis("batch size", Log: true) { Ticks = [.. measured.Select(m => (double)m.Row.Batch).Distinct().Order()] },
        Y = new FigureAxis(unit, Log: true),
        Dots = true,
        Series =
        [
            .. task.Variants.OrderBy(v => v.Accuracy).Select((variant, rank) =>
            {
                var rows = measured.Select(m => m.Row).Where(r => r.Variant == variant.Name).OrderBy(r => r.Batch).ToArray();
                return new FigureSeries(variant.Name, FigureColor.Of(rank), [.. rows.Select(r => (double)r.Batch)], [.. rows.Select(read)]);
            }),
        ],
    };
}
