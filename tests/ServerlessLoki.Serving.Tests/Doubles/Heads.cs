using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Doubles;

/// <summary>Outputs of models by name, datatype and shape, and rows of values as if such a model had given them.</summary>
internal static class Heads
{
    /// <summary>Height and width of the image input.</summary>
    public const int Height = 200, Width = 400;

    public static ImmutableArray<string> Labels(int count) => [.. Enumerable.Range(0, count).Select(i => $"c{i}")];

    public static TaskOutput Detect(int labels, string? decoder = null) =>
        new(TaskOutputKind.Detections, null, Labels(labels), null) {
            // One anchor, as large as the input.
            Detections = DetectionOutput.Default with { Decoder = decoder, Anchors = decoder == "anchors" ? new AnchorForm { Strides = [Width], PerCell = [1] } : null },
        };

    public static (string Name, int Type, object[] Shape) Output(string name, params object[] shape) => (name, TinyOnnx.Float, shape);

    /// <summary>What a task sees of a model that declares these outputs. A text is a dimension that may vary.</summary>
    public static OutputFit Fit(TaskOutput expected, params (string Name, int Type, object[] Shape)[] outputs)
    {
        // A shape that only the run knows leaves the declared one as it is.
        var model = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3, Height, Width)
            .Constant("flat", [-1L], 1).Constant("zero", [0f], 1)
            .Node("Reshape", ["x", "flat"], ["values"]).Node("Cast", ["values"], ["shape"], ("to", (long)TinyOnnx.Int64));
        foreach (var (name, type, shape) in outputs)
            model.Output(name, type, shape).Node("Reshape", ["zero", "shape"], [name + "-real"]).Node("Cast", [name + "-real"], [name], ("to", (long)type));
        using var loaded = OnnxModel.Load("m", model.ToBytes(), new ModelOptions { Optimize = false });
        return OutputFit.Of(expected, loaded);
    }

    /// <summary>What is read of one row; null where it is refused as no number.</summary>
    public static List<OutputRow>? Read(OutputFit fit, params float[][] values)
    {
        var rows = new List<OutputRow>();
        var outputs = StageOutputs.Of(fit, DecoderRegistry.Default);
        var row = new Row(values);
        return outputs.TryRead(row, rows) && (!outputs.HasMasks || outputs.Masks(row, rows) is not null) ? rows : null;
    }

    public static string? Fault(OutputFit fit, DecoderRegistry? decoders = null) => StageOutputs.Check(fit, decoders ?? DecoderRegistry.Default);

    internal sealed class Row(params float[][] values) : IRowValues
    {
        /// <summary>Where a fraction of the picture's width lies in the input.</summary>
        public Func<float, float> Seen { get; init; } = static x => x;

        public ReadOnlySpan<float> Mask => [];

        public EncodedText? Text => null;

        public (float X, float Y) OnInput(float x, float y) => (Seen(x), y);

        public ReadOnlySpan<float> Of(int output) => values[output];

        public ReadOnlySpan<long> ShapeOf(int output) => [];

        public ReadOnlySpan<byte> BytesOf(int output) => [];
    }
}
