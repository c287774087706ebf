using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Inference.Transforms;

namespace ServerlessLoki.Embedded;

/// <summary>Reads pipeline files from disk.</summary>
public static class PipelineFiles
{
    /// <summary>Reads and validates all of them.</summary>
    /// <exception cref="PipelineFormatException">A file has faults.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static async Task<IReadOnlyList<PipelineSource>> ReadAsync(IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        var sources = new List<PipelineSource>(files.Count);
        foreach (var file in files)
        {
            var path = Path.GetFullPath(file);
            var json = await File.ReadAllTextAsync(path, cancellationToken);
            sources.Add(new PipelineSource(
                PipelineReader.Read(json, file, TransformRegistry.Default.Names), Path.GetDirectoryName(path)!));
        }

        return sources;
    }
}
