using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Stages;

/// <summary>All edges of a pipeline with their transforms looked up.</summary>
internal static class PreparedEdges
{
    /// <summary>By edge index.</summary>
    /// <exception cref="TransformException">An edge names a transform that is unknown or badly set.</exception>
    public static EdgeTransforms[] Of(Pipeline pipeline, TransformRegistry transforms) =>
        [.. pipeline.Edges.Select(e => transforms.Prepare(e, $"$.edges[{e.Index}]", pipeline.Tasks[e.To].TakesTexts))];
}
