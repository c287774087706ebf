using ServerlessLoki.Profiles;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Models.Profiling;

namespace ServerlessLoki.Benchmarks.Fidelity;

/// <summary>Measures the pipeline's latencies with more care than a host takes at its first start: percentiles need samples.</summary>
internal static class MeasuredProfile
{
    private static readonly int[] Batches = [1, 2, 4, 8, 16];
    private static readonly ProfileOptions Careful = new() { PerPoint = TimeSpan.FromMilliseconds(150), MinSamples = 8, MaxSamples = 200 };

    /// <summary>Blocks for about 20 s.</summary>
    public static LatencyProfile Of(PipelineSource source)
    {
        var models = source.Pipeline.Tasks.SelectMany(t => t.Variants)
            .Select(v => OnnxModel.Load(v.Name, source.ModelPath(v), new ModelOptions { MaxBatch = Batches[^1] })).ToList();
        try
        {
            return Profiler.ToProfile(Profiler.Measure(
                [.. models.Select(m => new ProfileTarget(m.Name, "cpu", m))], Batches, Careful, TimeProvider.System, null, CancellationToken.None));
        }
        finally
        {
            models.ForEach(m => m.Dispose());
        }
    }
}
