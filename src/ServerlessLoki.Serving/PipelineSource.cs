using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving;

/// <summary>A pipeline and the folder that its model paths are relative to.</summary>
/// <param name="Pipeline">The validated graph.</param>
/// <param name="Directory">Folder of the pipeline file.</param>
public sealed record PipelineSource(Pipeline Pipeline, string Directory)
{
    /// <summary>Full path of a variant's model file.</summary>
    public string ModelPath(Variant variant) => Path.GetFullPath(variant.ModelPath, Path.GetFullPath(Directory));
}
