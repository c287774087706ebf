using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Transform <c>identity</c>: the parent's output row unchanged, where its datatype and shape are those of the child's input; an
/// image of another size is resized. Where the parent's output is no such tensor, the query's own image, converted as the child's variant
/// takes images.</summary>
internal sealed class Identity : IInputProducer
{
    /// <inheritdoc />
    public string Name => "identity";

    /// <inheritdoc />
    public ImmutableArray<TransformOption> Options { get; } = [];

    /// <inheritdoc />
    public ProducerNeeds Check(EdgeFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (fit.ParentVector is { } values && fit.ChildInput is { Datatype: "FP32" } && fit.ChildInput.RowElements == values) return new(null, ParentTensor: true);
        if (fit.ParentKind == TaskOutputKind.Tensor && (fit.ParentOutput.RowFits(fit.ChildInput) || (fit.ParentOutput.IsImage && fit.ChildInput.IsImage))) return new(null, ParentTensor: true);
        return fit.QueryIsImage && fit.PictureFault is null
            ? ProducerNeeds.Image
            : new($"output {fit.ParentOutput} of the parent is not what input {fit.ChildInput} of the child takes, and the query's own picture cannot be: {(fit.QueryIsImage ? fit.PictureFault : "queries bring none")}.");
    }

    /// <inheritdoc />
    public void Fill(in StageSource source, TransformConfig config, ModelTensor input, Span<byte> target)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (IsResized(source, input) && source.ParentImage is { } image)
        {
            PlaneResampler.Resize(
                MemoryMarshal.Cast<byte, float>(source.ParentTensor), image, MemoryMarshal.Cast<byte, float>(target), ((int)input.Shape[2], (int)input.Shape[3]));
            return;
        }
        // A caller may hand on a tensor that was not asked for; only one of the row's size can be the row.
        if (source.ParentTensor.Length == target.Length)
        {
            source.ParentTensor.CopyTo(target);
            return;
        }
        RootInput.Fill(source.Image!, ImageRegion.Whole, input, source.Form, target);
    }

    /// <inheritdoc />
    public ImageRegion? RegionOf(in StageSource source, TransformConfig config, ModelTensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return source.Image is null || IsResized(source, input) || source.ParentTensor.Length == input.RowBytes ? null : ImageRegion.Whole;
    }

    private static bool IsResized(in StageSource source, ModelTensor input) =>
        source.ParentImage is { } image && input.IsImage && image != ((int)input.Shape[2], (int)input.Shape[3]);
}
