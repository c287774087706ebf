using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Inference.Transforms;

namespace ServerlessLoki.Serving.Workers;

/// <summary>All edges of a pipeline with their transforms looked up.</summary>
internal static class PreparedEdges
{
    /// <summary>By edge index.</summary>
    /// <exception cref="TransformException">An edge names a transform that is unknown or badly set.</exception>
    public static EdgeTransforms[] Of(Pipeline pipeline, TransformRegistry transforms) =>
        [.. pipeline.Edges.Select(e => transforms.Prepare(e, $"$.edges[{e.Index}]"))];
}
