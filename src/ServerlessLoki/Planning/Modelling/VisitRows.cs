using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Rows per root query on each way through a graph.</summary>
/// <remarks>Along an edge rows multiply by its factor (Loki, multiplicative factors). A task that joins runs once for each item of the task that it
/// joins per, and not at all where nothing arrives: with a mean of A arrivals per item, min(1, A) times, which is exact where one
/// branch always arrives and where branches exclude each other, and else an upper bound. Each arrival counts for its part of that run,
/// 1 / A or 1, so that what all ways bring to the task sums to its runs.</remarks>
internal static class VisitRows
{
    /// <summary>Computes the rows per root query, by visit.</summary>
    /// <param name="graph">Pipeline to compute for.</param>
    /// <param name="factor">Child rows per parent row, by edge.</param>
    public static double[] Of(Pipeline graph, Func<PipelineEdge, double> factor)
    {
        var rows = new double[graph.Visits.Length];
        for (var v = 0; v < rows.Length; v++)
        {
            var visit = graph.Visits[v];
            if (visit.Parent is not { } parent)
                rows[v] = 1;
            else if (graph.Tasks[visit.Task].JoinsPer is { } per)
                rows[v] = rows[parent.Index] * factor(graph.Edges[visit.Edge]) * Part(graph, visit, per, rows, factor);
            else
                rows[v] = rows[parent.Index] * factor(graph.Edges[visit.Edge]);
        }

        return rows;
    }

    /// <summary>Computes the rows per root query, by task, all ways together.</summary>
    public static double[] OfTasks(Pipeline graph, Func<PipelineEdge, double> factor)
    {
        var rows = Of(graph, factor);
        var sums = new double[graph.Tasks.Length];
        foreach (var visit in graph.Visits)
            sums[visit.Task] += rows[visit.Index];
        return sums;
    }

    /// <summary>Computes the rows per root query on one way whose tasks run the given variants. The rest of the graph is assumed to run the
    /// variants that pass the fewest rows on.</summary>
    /// <remarks>The other branches' variants are unknown here. The more of their rows arrive at a join, the smaller the part of a run that
    /// this way counts for, so they are assumed to bring the least: all ways together then plan for at least as many runs as
    /// come.</remarks>
    /// <param name="demand">Graph and fan-out.</param>
    /// <param name="visit">Way to compute for.</param>
    /// <param name="variant">Variant index for each task on the way.</param>
    /// <param name="headroom">Head-room on each edge's factor.</param>
    public static double On(PipelineDemand demand, TaskVisit visit, Func<int, int> variant, double headroom) =>
        Of(demand.Pipeline, edge => headroom * (edge.From != visit.Task && visit.Passes(edge.From)
            ? demand.FanOut[edge.Index, variant(edge.From)]
            : demand.Pipeline.Tasks[edge.From].Variants.Min(v => demand.FanOut[edge.Index, v.Index])))[visit.Index];

    /// <summary>Computes the rows per root query with the most accurate variants, by visit, without head-room.</summary>
    public static double[] MostAccurate(PipelineDemand demand) =>
        Of(demand.Pipeline, edge => demand.FanOut[edge.Index, demand.Pipeline.Tasks[edge.From].MostAccurate.Index]);

    // What an arrival counts: arrivals of all branches of the same item share one run.
    private static double Part(Pipeline graph, TaskVisit visit, int per, double[] rows, Func<PipelineEdge, double> factor)
    {
        var item = visit.At(per)!;
        if (rows[item.Index] <= 0)
            return 1;
        var arrivals = 0.0;
        foreach (var branch in graph.Visits)
        {
            if (branch.Task == visit.Task && branch.At(per) == item)
                arrivals += rows[branch.Parent!.Index] * factor(graph.Edges[branch.Edge]) / rows[item.Index];
        }

        return arrivals > 1 ? 1 / arrivals : 1;
    }
}
