using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Simulation.Rules;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Bounds;

/// <summary>Mean share of a query's results by the way they end on. A query's accuracy is the mean over its results, and an item without
/// children is a result itself.</summary>
internal static class ResultShares
{
    private const int Queries = 20_000;

    /// <summary>Most items to draw: graphs of many levels have many items per query.</summary>
    private const int MostItems = 4_000_000;

    /// <summary>Computes the share of a query's results that end at each visit; the shares sum to 1.</summary>
    /// <remarks>Drawn, as the simulator draws, from the means of one variant of the root and of the most accurate ones below. Where branches join, the
    /// planner's own weights stand in: every item of a join is taken to have results.</remarks>
    public static double[] Of(PipelineDemand demand, int rootVariant, FanOutDraw draw)
    {
        var graph = demand.Pipeline;
        if (graph.Tasks.Any(static t => t.IsJoin))
            return [.. LeafWeights.Of(demand)];
        var next = graph.Visits.Select(v => graph.Tasks[v.Task].Outgoing.Select(e => (
            Visit: graph.Visits.First(c => c.Parent?.Index == v.Index && c.Edge == e.Index).Index,
            Mean: demand.FanOut[e.Index, v.Parent is null ? rootVariant : graph.Tasks[v.Task].MostAccurate.Index])).ToArray()).ToArray();
        var random = new StreamRandom(1);
        var shares = new double[next.Length];
        var ended = new int[next.Length];
        var open = new Stack<int>();
        var (queries, items) = (0, 0);
        for (; queries < Queries && items < MostItems; queries++)
        {
            Array.Clear(ended);
            open.Push(0);
            while (open.TryPop(out var visit))
            {
                items++;
                var before = open.Count;
                foreach (var (child, mean) in next[visit])
                {
                    for (var n = FanOutSampler.Draw(draw, mean, random.NextUnit()); n > 0; n--)
                        open.Push(child);
                }

                ended[visit] += open.Count == before ? 1 : 0;
            }

            var results = (double)ended.Sum();
            for (var v = 0; v < shares.Length; v++)
                shares[v] += ended[v] / results;
        }

        return [.. shares.Select(s => s / queries)];
    }
}
