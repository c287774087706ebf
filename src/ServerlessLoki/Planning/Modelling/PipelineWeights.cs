namespace ServerlessLoki.Planning.Modelling;

/// <summary>What each of several pipelines counts for in an objective over all of them.</summary>
internal static class PipelineWeights
{
    /// <summary>Share of each pipeline's demand in all demand; small but not zero for a pipeline without demand.</summary>
    public static double[] Of(PlanningProblem problem)
    {
        var demand = problem.Pipelines.Select(p => p.DemandQps).ToArray();
        var floor = demand.Sum() > 0 ? 1e-3 * demand.Sum() / demand.Length : 1;
        var weights = demand.Select(d => Math.Max(d, floor)).ToArray();
        var sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }
}
