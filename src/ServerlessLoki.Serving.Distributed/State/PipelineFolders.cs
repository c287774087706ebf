using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Reader of pipeline files for processes that run no models.</summary>
public static class PipelineFolders
{
    /// <summary>Reads pipelines and their profiles without the model files.</summary>
    /// <param name="files">Pipeline files.</param>
    /// <param name="transforms">Transforms that the files may name.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="PipelineFormatException">A file has faults.</exception>
    /// <exception cref="ProfileFormatException">A profile has faults.</exception>
    public static async Task<(IReadOnlyList<PipelineSource> Pipelines, LatencyProfile Profile)> ReadAsync(
        IReadOnlyList<string> files, TransformRegistry transforms, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(transforms);
        List<PipelineSource> pipelines = [];
        List<ProfileRow> rows = [];
        foreach (var file in files)
        {
            var folder = Path.GetDirectoryName(file)!;
            var pipeline = PipelineReader.Read(await File.ReadAllTextAsync(file, cancellationToken), file, transforms.Names, new PipelineLabels(folder, readsModels: false));
            pipelines.Add(new PipelineSource(pipeline, folder));
            var profile = Path.Combine(folder, "profile.csv");
            if (File.Exists(profile))
                rows.AddRange(ProfileCsv.Read(await File.ReadAllTextAsync(profile, cancellationToken), profile).Rows);
        }

        return (pipelines, new LatencyProfile(rows));
    }

    /// <summary>Tests whether a file of a pipeline's folder is needed by processes that run no models.</summary>
    public static bool IsNeeded(string name) => Path.GetFileName(name) is "pipeline.json" or "profile.csv" || Path.GetExtension(name) == ".txt";
}
