using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Ingress;

/// <summary>Pipelines that workers serve. A query of a pipeline without workers would only wait for its deadline: it is refused, and counts
/// as demand for which workers are started.</summary>
internal sealed class ServedPipelines(PipelineIndex index, PlanFollower follower, ServingClock clock)
{
    /// <summary>Time without workers after which a pipeline counts as unserved: a worker still serves a variant that left the plan for a
    /// while, and a lost worker is replaced.</summary>
    public static readonly TimeSpan DesertedFor = TimeSpan.FromSeconds(5);

    /// <summary>Time since which no worker serves a pipeline, microseconds; null while one does. A pipeline that was never served counts as
    /// unserved from the start.</summary>
    private readonly long?[] _desertedUs = [.. index.Pipelines.Select(static _ => -(long)DesertedFor.TotalMicroseconds)];
    private volatile string?[] _refusals = new string?[index.Pipelines.Length];

    /// <summary>Returns why a pipeline's queries are refused; null where they are not. The refusal ends as soon as a worker is seen to
    /// serve.</summary>
    public string? RefusalOf(int pipeline) => _refusals[pipeline] is { } reason && !IsRootServed(pipeline) ? reason : null;

    /// <summary>Checks the plan in force and the workers that follow it.</summary>
    public void Look()
    {
        if (follower.Current is not { } plan)
            return;
        var refusals = new string?[_refusals.Length];
        for (var p = 0; p < refusals.Length; p++)
        {
            var pipeline = index.Pipelines[p];
            _desertedUs[p] = IsRootServed(p) ? null : _desertedUs[p] ?? clock.NowUs;
            if (!MeasuredProfiles.Cover(plan.Problem.Profile, plan.Document.Devices, pipeline))
                refusals[p] = $"Pipeline {pipeline.Name} is not planned for yet: its latencies are not known before a worker has measured them.";
            else if (clock.NowUs - _desertedUs[p] >= DesertedFor.TotalMicroseconds)
                refusals[p] = $"No worker serves pipeline {pipeline.Name} at present. Workers are being asked for; to start takes from seconds to minutes.";
        }

        _refusals = refusals;
    }

    /// <summary>Writes which variants run, for a caller who asked for one that does not.</summary>
    public string NobodyRuns(VariantId id)
    {
        var task = index.Pipelines[id.Pipeline].Tasks[id.Task];
        var others = task.Variants.Where(v => follower.IsServed(id with { Variant = v.Index })).Select(v => v.Name).ToList();
        return $"No worker runs variant {task.Variants[id.Variant].Name} at present; of its task {task.Name} "
            + (others.Count == 0 ? "nothing is run." : $"these are run: {string.Join(", ", others)}.");
    }

    private bool IsRootServed(int pipeline)
    {
        var root = index.Pipelines[pipeline].Root;
        return root.Variants.Any(v => follower.IsServed(new VariantId(pipeline, root.Index, v.Index)));
    }
}
