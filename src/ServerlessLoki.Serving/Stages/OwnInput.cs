using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary><c>query</c>: the query's own input (picture, text, sound or tensors), as the first task gets it; what the parent found only decides
/// whether the child runs.</summary>
internal sealed class OwnInput : IInputProducer
{
    /// <inheritdoc />
    public string Name => PipelineEdge.Query;

    /// <inheritdoc />
    public ImmutableArray<TransformOption> Options { get; } = [];

    /// <summary>For a picture; <see cref="EdgeCheck"/> knows of texts, sounds and tensors.</summary>
    public ProducerNeeds Check(EdgeFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        return fit.PictureFault is { } fault ? new(fault) : ProducerNeeds.Image;
    }

    /// <inheritdoc />
    public void Fill(in StageSource source, TransformConfig config, ModelTensor input, Span<byte> target)
    {
        ArgumentNullException.ThrowIfNull(input);
        RootInput.Fill(source.Image!, ImageRegion.Whole, input, source.Form, target);
    }

    /// <inheritdoc />
    public ImageRegion? RegionOf(in StageSource source, TransformConfig config, ModelTensor input) => source.Image is null ? null : ImageRegion.Whole;
}
