using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Weight of each leaf result in a query's accuracy.</summary>
internal static class LeafWeights
{
    /// <summary>Computes [visit] weights that sum to 1 over the ways to leaf tasks; 0 for ways to inner tasks.</summary>
    /// <remarks>A query's accuracy is the mean over its leaf results, so a leaf task weighs as many results as it gives on the
    /// most accurate path; with a fan-out of one all leaf tasks weigh the same (Loki, flows along paths). A join's result is as accurate as what
    /// arrived, on average, times its own variant: each way to it weighs as many arrivals as it brings.</remarks>
    public static ImmutableArray<double> Of(PipelineDemand demand)
    {
        var graph = demand.Pipeline;
        var results = VisitRows.MostAccurate(demand);
        var leaves = graph.Visits.Count(v => graph.Tasks[v.Task].IsLeaf);
        var total = graph.Visits.Where(v => graph.Tasks[v.Task].IsLeaf).Sum(v => results[v.Index]);
        return [.. graph.Visits.Select(v => !graph.Tasks[v.Task].IsLeaf ? 0 : total > 0 ? results[v.Index] / total : 1.0 / leaves)];
    }

    /// <summary>Computes [task] weights that sum to 1 over the leaf tasks, all ways to a task together.</summary>
    public static double[] OfTasks(PipelineDemand demand)
    {
        var weights = new double[demand.Pipeline.Tasks.Length];
        foreach (var (weight, visit) in Of(demand).Zip(demand.Pipeline.Visits))
            weights[visit.Task] += weight;
        return weights;
    }
}
