using System.Collections.Immutable;
using ServerlessLoki.Cli.Profiling;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Models.Profiling;

namespace ServerlessLoki.Cli.Tests.Profiling;

public sealed class ProfileFiguresTests
{
    private static readonly Pipeline Pipeline = PipelineReader.Read(
        """
        { "name": "p", "sloMs": 100, "input": { "name": "x", "datatype": "FP32", "shape": [4] },
          "tasks": [ { "name": "find", "variants": [ { "name": "large", "model": "l.onnx", "accuracy": 0.9 }, { "name": "small", "model": "s.onnx", "accuracy": 0.5 } ] },
                     { "name": "read", "variants": [ { "name": "one", "model": "o.onnx", "accuracy": 0.7 } ] } ],
          "edges": [ { "from": "find", "to": "read" } ] }
        """,
        "p.json");

    private static readonly ImmutableArray<ProfileMeasurement> Measured =
    [
        Row("large", 4, 40), Row("large", 1, 20), Row("small", 1, 2), Row("small", 4, 4),
        // Its rows cannot be batched.
        Row("one", 1, 5),
    ];

    private static ProfileMeasurement Row(string variant, int batch, double ms) => new(new ProfileRow(variant, "cpu", batch, ms, ms, ms, ms), 10);

    [Fact]
    public void Of_Pipeline_HasLatencyAndThroughputOfEachTaskWithUnits()
    {
        var figures = ProfileFigures.Of(Pipeline, Measured);

        Assert.Equal(["find: median latency", "find: throughput", "read: median latency", "read: throughput"], figures.Select(f => f.Title));
        Assert.Equal(["ms", "rows/s", "ms", "rows/s"], figures.Select(f => f.Y.Title));
        Assert.All(figures, f => Assert.True(f is { X: { Title: "batch size", Log: true }, Y.Log: true, Dots: true }));
        Assert.All(figures, f => Assert.Equal([1, 4], f.X.Ticks));
    }

    [Fact]
    public void Of_Task_HasALinePerVariantFromTheLeastAccurateOn()
    {
        var figures = ProfileFigures.Of(Pipeline, Measured);

        Assert.Equal(["small", "large"], figures[0].Series.Select(s => s.Name));
        Assert.Equal([1, 4], figures[0].Series[1].X);
        Assert.Equal([20, 40], figures[0].Series[1].Y);
        Assert.Equal([50, 100], figures[1].Series[1].Y);
        Assert.Equal([1], figures[2].Series[0].X);
        Assert.Equal([200], figures[3].Series[0].Y);
    }
}
