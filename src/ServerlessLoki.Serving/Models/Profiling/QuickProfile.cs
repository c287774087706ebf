using ServerlessLoki.Profiles;

namespace ServerlessLoki.Serving.Models.Profiling;

/// <summary>First profile of pipelines' models on this machine, for hosts that were given none.</summary>
public static class QuickProfile
{
    /// <summary>Measures variants at batch sizes 1, 2, 4, … up to the largest; takes about a second per variant and batch size.</summary>
    /// <param name="pipelines">Pipelines and their models' files.</param>
    /// <param name="device">Name of the device in the profile.</param>
    /// <param name="options">Options for loading models, and the largest batch.</param>
    /// <param name="time">The clock.</param>
    /// <param name="variants">Names of the variants to measure; null = all.</param>
    /// <param name="cancellationToken">Stops between two runs.</param>
    /// <exception cref="ModelException">A model cannot be loaded, or failed.</exception>
    public static LatencyProfile Measure(
        IReadOnlyList<PipelineSource> pipelines, string device, ModelOptions options, TimeProvider time, IReadOnlyCollection<string>? variants,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pipelines);
        ArgumentNullException.ThrowIfNull(options);
        var targets = new List<ProfileTarget>();
        try
        {
            foreach (var source in pipelines)
            {
                foreach (var variant in source.Pipeline.Tasks.SelectMany(t => t.Variants).Where(v => variants?.Contains(v.Name, StringComparer.Ordinal) != false))
                    targets.Add(new ProfileTarget(variant.Name, device, OnnxModel.Load(variant, source.ModelPath(variant), options)));
            }

            return Profiler.ToProfile(Profiler.Measure(targets, Batches(options.MaxBatch), ProfileOptions.Quick, time, progress: null, cancellationToken));
        }
        finally
        {
            targets.ForEach(t => t.Model.Dispose());
        }
    }

    private static List<int> Batches(int most)
    {
        List<int> batches = [];
        for (var batch = 1; batch < most; batch *= 2)
            batches.Add(batch);
        batches.Add(most);
        return batches;
    }
}
