using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Serving.Workers;

/// <summary>What one query costs in compute time under a plan.</summary>
/// <param name="PerQueryUs">By pipeline: all stages of one root query, divided by the compute threads, microseconds.</param>
/// <param name="BelowRootUs">By pipeline: all stages but the root of one root query, microseconds.</param>
internal sealed record QueryCosts(ImmutableArray<double> PerQueryUs, ImmutableArray<double> BelowRootUs)
{
    public static QueryCosts Of(Plan plan, PlanningProblem problem, int parallelism)
    {
        var all = new double[problem.Pipelines.Length];
        var below = new double[problem.Pipelines.Length];
        foreach (var group in plan.Slots)
        {
            // Load per root query; without demand, one row of each stage.
            var served = plan.DemandQps[group.Pipeline] * plan.ServedShare[group.Pipeline];
            var rows = served > 0 ? group.LoadQps / served : 1;
            var cost = rows * group.LatencyUs / group.Batch;
            all[group.Pipeline] += cost;
            if (group.Task != 0)
                below[group.Pipeline] += cost;
        }

        return new QueryCosts([.. all.Select(c => c / parallelism)], [.. below]);
    }

    /// <summary>Smallest batch with which a group still carries its planned load: a batch worth waiting for.</summary>
    public static int BatchNeeded(SlotGroup group, BatchLatency latency, double slotShare)
    {
        for (var batch = 1; batch < group.Batch; batch++)
        {
            if (group.Replicas * slotShare * latency.ThroughputQps(batch) >= group.LoadQps)
                return batch;
        }

        return group.Batch;
    }
}
