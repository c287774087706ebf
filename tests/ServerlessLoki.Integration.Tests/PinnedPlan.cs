using ServerlessLoki.Planning;
using ServerlessLoki.Serving;

namespace ServerlessLoki.Integration.Tests;

/// <summary>Plans that leave the policy no choice.</summary>
internal static class PinnedPlan
{
    private const int Batch = 4;

    /// <summary>Each task of the only pipeline on one variant.</summary>
    /// <param name="engine">Its plan in force lends version and words.</param>
    /// <param name="variant">Index of the variant in its task.</param>
    /// <param name="replicas">Slots per task.</param>
    public static Plan On(ServingEngine engine, int variant, int replicas)
    {
        var share = engine.Problem!.Devices[0].SlotShare;
        return engine.Plan! with
        {
            Slots = [.. engine.Pipelines[0].Pipeline.Tasks.Select(task =>
            {
                var profile = engine.Profile.Find(task.Variants[variant].Name, engine.Problem.Devices[0].Name)!;
                var qps = replicas * share * profile.ThroughputQps(Batch);
                return new SlotGroup(0, task.Index, variant, 0, Batch, replicas, qps, qps / 2, profile.LatencyUs(Batch));
            })],
        };
    }
}
