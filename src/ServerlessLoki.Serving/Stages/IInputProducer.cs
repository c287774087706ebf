using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Fills a child's input row when its batch forms, straight into the model's memory. Stateless and thread-safe.</summary>
public interface IInputProducer : IStageTransform
{
    /// <summary>Says why this edge cannot work, or which of its sources the producer needs.</summary>
    /// <param name="fit">The two models and the query's input.</param>
    ProducerNeeds Check(EdgeFit fit);

    /// <summary>Fills one row.</summary>
    /// <param name="source">What the child is made from; has everything that <see cref="Check"/> asked for.</param>
    /// <param name="config">Its options, checked.</param>
    /// <param name="input">The child's input tensor.</param>
    /// <param name="target">The row, as bytes of that tensor.</param>
    void Fill(in StageSource source, TransformConfig config, ModelTensor input, Span<byte> target);

    /// <summary>The part of the query's picture that a row shows, so that boxes found in it are boxes of the picture; null where it shows none.</summary>
    /// <param name="source">What the child is made from.</param>
    /// <param name="config">Its options, checked.</param>
    /// <param name="input">The child's input tensor.</param>
    ImageRegion? RegionOf(in StageSource source, TransformConfig config, ModelTensor input) => null;
}
