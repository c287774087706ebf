using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving;

/// <summary>Pipeline and the folder that its model paths are relative to.</summary>
/// <param name="Pipeline">The validated graph.</param>
/// <param name="Directory">Folder of the pipeline file.</param>
public sealed record PipelineSource(Pipeline Pipeline, string Directory)
{
    /// <summary>Descriptions of the pipeline's models by variant name; empty unless the models were read (<c>PipelineFit</c>).</summary>
    public ImmutableDictionary<string, ModelDescription> Models { get; init; } = ImmutableDictionary<string, ModelDescription>.Empty;

    /// <summary>Returns the full path of a variant's model file.</summary>
    public string ModelPath(Variant variant)
    {
        ArgumentNullException.ThrowIfNull(variant);
        return FullPath(variant.ModelPath);
    }

    /// <summary>Returns the full path of a file that the pipeline file names.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, Path.GetFullPath(Directory));
}
