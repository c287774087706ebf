using System.Collections.Immutable;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Planning;

/// <summary>The fastest variant of each task, kept loaded beside the plan: the backup of opportunistic rerouting (Loki, MostAccurateFirst).</summary>
/// <remarks>The plan sends it nothing. A query that finds more work before it than its deadline allows is answered by it instead of
/// being refused: a dip of the machine costs a moment's accuracy, not answers.</remarks>
public static class StandbyGroups
{
    /// <summary>Capacity so small that routing by capacity never fills it, rows per second.</summary>
    private const double NoCapacityQps = 1e-6;

    /// <summary>Largest share of the SLO that a standby batch may take.</summary>
    private const double BatchShare = 1.0 / 16;

    /// <summary>Makes the groups that the plan lacks; they take no slot.</summary>
    /// <param name="plan">Plan to add standby variants to.</param>
    /// <param name="problem">Problem that the plan answers.</param>
    public static ImmutableArray<SlotGroup> Of(Plan plan, PlanningProblem problem)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(problem);
        var groups = ImmutableArray.CreateBuilder<SlotGroup>();
        for (var p = 0; p < problem.Pipelines.Length; p++)
        {
            var pipeline = problem.Pipelines[p].Pipeline;
            foreach (var task in pipeline.Tasks)
            {
                var fastest = Enumerable.Range(0, problem.Devices.Length)
                    .SelectMany(d => task.Variants.Select(v => (Variant: v.Index, Device: d, Latency: problem.Expected(v.Name, problem.Devices[d].Name))))
                    .Where(c => c.Latency is not null)
                    .MinBy(c => c.Latency!.LatencyUs(1));
                if (fastest.Latency is null || plan.Slots.Any(s => s.Pipeline == p && s.Task == task.Index && s.Holds(fastest.Variant)))
                    continue;
                var batch = LargestBatch(fastest.Latency, pipeline.SloUs * BatchShare, problem.Options.MaxBatch ?? int.MaxValue);
                groups.Add(new SlotGroup(p, task.Index, fastest.Variant, fastest.Device, batch, 1, NoCapacityQps, 0, fastest.Latency.LatencyUs(batch)));
            }
        }

        return groups.ToImmutable();
    }

    private static int LargestBatch(BatchLatency latency, double budgetUs, int maxBatch)
    {
        var batch = 1;
        while (batch < Math.Min(maxBatch, latency.MaxBatch) && latency.LatencyUs(batch + 1) <= budgetUs)
            batch++;
        return batch;
    }
}
