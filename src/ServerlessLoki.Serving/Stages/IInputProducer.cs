using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Producer of a child's input row, written straight into the model's memory when the batch forms. Stateless and
/// thread-safe.</summary>
public interface IInputProducer : IStageTransform
{
    /// <summary>Checks whether this edge can work, and which of its sources the producer needs.</summary>
    /// <param name="fit">Models of the edge, and the query's input.</param>
    ProducerNeeds Check(EdgeFit fit);

    /// <summary>Fills one row.</summary>
    /// <param name="source">Source of the child's input; has everything that <see cref="Check"/> asked for.</param>
    /// <param name="config">Options of the transform, checked.</param>
    /// <param name="input">Input tensor of the child.</param>
    /// <param name="target">Row as bytes of that tensor.</param>
    void Fill(in StageSource source, TransformConfig config, ModelTensor input, Span<byte> target);

    /// <summary>Returns the part of the query's image that a row shows, so that boxes found in it are mapped to the image; null where it
    /// shows none.</summary>
    /// <param name="source">Source of the child's input.</param>
    /// <param name="config">Options of the transform, checked.</param>
    /// <param name="input">Input tensor of the child.</param>
    ImageRegion? RegionOf(in StageSource source, TransformConfig config, ModelTensor input) => null;
}
