using System.Collections.Immutable;

namespace ServerlessLoki.Planning;

/// <summary>Compute time of one query under a plan.</summary>
/// <param name="PerQueryUs">By pipeline: all stages of one root query, divided by the compute threads, microseconds.</param>
/// <param name="BelowRootUs">By pipeline: all stages but the root of one root query, microseconds.</param>
public sealed record QueryCosts(ImmutableArray<double> PerQueryUs, ImmutableArray<double> BelowRootUs)
{
    /// <summary>Computes the costs under a plan.</summary>
    /// <param name="plan">Plan in force.</param>
    /// <param name="problem">Problem that the plan answers.</param>
    /// <param name="parallelism">Batches that compute at the same time; at least 1.</param>
    public static QueryCosts Of(Plan plan, PlanningProblem problem, int parallelism)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(problem);
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
}
