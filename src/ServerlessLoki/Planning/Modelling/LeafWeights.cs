using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>What each leaf task counts in a query's accuracy.</summary>
internal static class LeafWeights
{
    /// <summary>[task] weights that sum to 1 over leaf tasks; 0 for inner tasks.</summary>
    /// <remarks>A query's accuracy is the mean over its leaf results, so a leaf task weighs as many results as it gives on the
    /// most accurate path; with a fan-out of one all leaf tasks weigh the same (loki.md 2.7).</remarks>
    public static ImmutableArray<double> Of(PipelineDemand demand)
    {
        var graph = demand.Pipeline;
        var results = new double[graph.Tasks.Length];
        results[0] = 1;
        foreach (var edge in graph.Tasks.SelectMany(t => t.Outgoing))
            results[edge.To] = results[edge.From] * demand.FanOut[edge.Index, graph.Tasks[edge.From].MostAccurate.Index];
        var leaves = graph.Tasks.Count(t => t.IsLeaf);
        var total = graph.Tasks.Where(t => t.IsLeaf).Sum(t => results[t.Index]);
        return [.. graph.Tasks.Select(t => !t.IsLeaf ? 0 : total > 0 ? results[t.Index] / total : 1.0 / leaves)];
    }
}
