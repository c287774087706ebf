using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Transform <c>concat</c>, on edges into a task that joins. The edge's part of the input is the first <c>rows</c> arrivals along
/// it, <c>size</c> values each, side by side in fan-out order; zeros where there are fewer. The parts stand in the order of the file's
/// edges.</summary>
/// <remarks>A raw tensor gives its values, a detection or classification the six values x1, y1, x2, y2, score, label.</remarks>
internal sealed class Concat : IInputProducer
{
    /// <summary>Number of values of a detection or classification.</summary>
    public const int RowValues = 6;

    /// <inheritdoc />
    public string Name => "concat";

    /// <inheritdoc />
    public ImmutableArray<TransformOption> Options { get; } = [new("rows", 1, 1000, 1, Whole: true), new("size", 1, 1 << 24, null, Whole: true)];

    /// <inheritdoc />
    public ProducerNeeds Check(EdgeFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (fit.Part is null) return new("only an edge into a task with \"join\": \"all\" takes it.");
        if (fit.ChildInput.Datatype != "FP32") return new($"input {fit.ChildInput} of the child must be FP32.");
        var isTensor = fit.ParentKind is TaskOutputKind.Tensor or TaskOutputKind.Embedding;
        if (!isTensor && fit.ParentKind is not (TaskOutputKind.Detections or TaskOutputKind.Classification)) return new("the parent hands on a text, which is no values.");
        if (fit.ParentKind == TaskOutputKind.Tensor && fit.ParentOutput.Datatype != "FP32") return new($"output {fit.ParentOutput} of the parent must be FP32.");
        var size = (int)fit.Part.Number("size", 0);
        var found = fit.ParentVector ?? (isTensor ? fit.ParentOutput.RowBytes / sizeof(float) : RowValues);
        return found is null || found == size ? new(null, ParentTensor: isTensor) : new($"size is {size}, but a row of output {fit.ParentOutput} of the parent has {found} values.");
    }

    /// <inheritdoc />
    public void Fill(in StageSource source, TransformConfig config, ModelTensor input, Span<byte> target)
    {
        if (!source.ParentTensor.IsEmpty)
        {
            source.ParentTensor[..Math.Min(target.Length, source.ParentTensor.Length)].CopyTo(target);
            return;
        }

        var values = MemoryMarshal.Cast<byte, float>(target);
        ReadOnlySpan<float> row = [source.Row.X1, source.Row.Y1, source.Row.X2, source.Row.Y2, source.Row.Score, source.Row.Label];
        row[..Math.Min(values.Length, row.Length)].CopyTo(values);
    }

    /// <summary>Returns the number of values of an edge's part of the input.</summary>
    internal static int PartValues(TransformConfig config) => (int)config.Number("rows", 1) * (int)config.Number("size", 0);
}
