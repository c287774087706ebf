using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Edges of a pipeline with their transforms looked up.</summary>
internal static class PreparedEdges
{
    /// <summary>Prepares the edges, by edge index.</summary>
    /// <exception cref="TransformException">An edge names a transform that is unknown or badly set.</exception>
    public static EdgeTransforms[] Of(Pipeline pipeline, TransformRegistry transforms) =>
        [.. pipeline.Edges.Select(e => transforms.Prepare(e, $"$.edges[{e.Index}]", pipeline.Tasks[e.To].TakesTexts))];
}
