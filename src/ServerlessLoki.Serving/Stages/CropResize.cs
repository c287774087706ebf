using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Transform <c>crop-resize</c>: the part of the query's image inside the parent's detection, grown by <c>margin</c> times its
/// size on each side, converted as the child's variant takes images.</summary>
internal sealed class CropResize : IInputProducer
{
    /// <inheritdoc />
    public string Name => "crop-resize";

    /// <inheritdoc />
    public ImmutableArray<TransformOption> Options { get; } = [new("margin", 0, 2, 0)];

    /// <inheritdoc />
    public ProducerNeeds Check(EdgeFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (!fit.QueryIsImage) return new("it needs a pipeline whose queries bring images (input UINT8 [-1,-1,3]).");
        if (fit.ParentKind != TaskOutputKind.Detections) return new("it needs a parent task with output kind 'detections'.");
        return fit.PictureFault is { } fault ? new(fault) : ProducerNeeds.Image;
    }

    /// <inheritdoc />
    public void Fill(in StageSource source, TransformConfig config, ModelTensor input, Span<byte> target)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(input);
        RootInput.Fill(source.Image!, Region(source, config), input, source.Form, target);
    }

    /// <inheritdoc />
    public ImageRegion? RegionOf(in StageSource source, TransformConfig config, ModelTensor input)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Region(source, config);
    }

    private static ImageRegion Region(in StageSource source, TransformConfig config) =>
        new ImageRegion(source.Row.X1, source.Row.Y1, source.Row.X2, source.Row.Y2).Grow((float)config.Number("margin", 0));
}
