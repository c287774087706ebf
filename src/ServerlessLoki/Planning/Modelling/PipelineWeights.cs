namespace ServerlessLoki.Planning.Modelling;

/// <summary>Weights of several pipelines in a common objective.</summary>
internal static class PipelineWeights
{
    /// <summary>Computes the share of each pipeline's demand in all demand; small but not zero for a pipeline without demand.</summary>
    public static double[] Of(PlanningProblem problem)
    {
        var demand = problem.Pipelines.Select(p => p.DemandQps).ToArray();
        var floor = demand.Sum() > 0 ? 1e-3 * demand.Sum() / demand.Length : 1;
        var weights = demand.Select(d => Math.Max(d, floor)).ToArray();
        var sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }
}
