using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving;

/// <summary>Reader of pipeline files from disk.</summary>
public static class PipelineFiles
{
    /// <summary>Reads and validates all files, and checks them against their models.</summary>
    /// <param name="files">Files to read; at least one.</param>
    /// <param name="transforms">Transforms that the files may name.</param>
    /// <param name="models">Options for loading the models.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="PipelineFormatException">A file has faults, or is named twice.</exception>
    /// <exception cref="HostSetupException">Two models share a name.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static async Task<IReadOnlyList<PipelineSource>> ReadAsync(
        IReadOnlyList<string> files, TransformRegistry transforms, ModelOptions models, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(transforms);
        CheckFiles(files);
        var sources = new List<PipelineSource>(files.Count);
        foreach (var file in files)
        {
            var path = Path.GetFullPath(file);
            var json = await File.ReadAllTextAsync(path, cancellationToken);
            var pipeline = await Task.Run(() => PipelineReader.Read(json, file, transforms.Names, new PipelineLabels(Path.GetDirectoryName(path)!)), cancellationToken);
            CheckTransforms(pipeline, transforms, file);
            var source = new PipelineSource(pipeline, Path.GetDirectoryName(path)!);
            sources.Add(await Task.Run(() => PipelineFit.Check(source, transforms, models, file), cancellationToken));
        }

        // Here already: a host finds out before it measures anything.
        HostSetup.CheckNames(sources);
        return sources;
    }

    private static void CheckFiles(IReadOnlyList<string> files)
    {
        var twice = files.GroupBy(f => Path.GetFullPath(f), StringComparer.Ordinal).Where(g => g.Count() > 1)
            .Select(g => new Fault(g.Key, "the file is named more than once", Allowed: "each file once")).ToArray();
        if (twice.Length > 0)
            throw new PipelineFormatException("pipeline files", twice);
    }

    /// <summary>Checks the options of transforms, which are known in this project only; the pipeline reader knows the transforms'
    /// names.</summary>
    private static void CheckTransforms(Pipeline pipeline, TransformRegistry transforms, string file)
    {
        var faults = new List<Fault>();
        foreach (var edge in pipeline.Edges)
        {
            try
            {
                transforms.Prepare(edge, $"$.edges[{edge.Index}]");
            }
            catch (TransformException exception)
            {
                faults.AddRange(exception.Faults.Select(f => f.Split(": ", 2)).Select(f => new Fault(f[0], f[^1].TrimEnd('.'))));
            }
        }

        if (faults.Count > 0)
            throw new PipelineFormatException(file, faults);
    }
}
