using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Routing;

/// <summary>Shares that follow from a plan's own flows.</summary>
/// <param name="tasks">Deployed variants of the pipeline.</param>
/// <param name="flows">Flows of the pipeline.</param>
internal sealed class PlannedShares(DeployedTasks tasks, ImmutableArray<PathFlow> flows)
{
    public RouteShares Build()
    {
        var shares = RouteShares.For(tasks.Graph);
        shares.Root = Weights(tasks[0], OneLeafEach(0), 0);
        foreach (var edge in tasks.Graph.Edges)
        {
            var below = OneLeafEach(edge.To);
            var overall = Weights(tasks[edge.To], below, edge.To);
            if (tasks.Graph.Tasks[edge.To].IsJoin)
            {
                Array.Fill(shares.Edges[edge.Index], overall);
                continue;
            }

            for (var v = 0; v < shares.Edges[edge.Index].Length; v++)
            {
                var through = below.Where(f => Takes(f, edge.From, v) && Follows(f, edge)).ToImmutableArray();
                shares.Edges[edge.Index][v] = through.IsEmpty ? overall : Weights(tasks[edge.To], through, edge.To);
            }
        }

        return shares;
    }

    // The flows of each way to a leaf carry the whole demand; one leaf below each way to a task tells all about it.
    private ImmutableArray<PathFlow> OneLeafEach(int task) =>
    [
        .. flows.Where(f => f.Steps.Any(s => s.Task == task))
            .GroupBy(f => Way(f, task), StringComparer.Ordinal)
            .SelectMany(way => way.Where(f => Way(f, null) == Way(way.First(), null))),
    ];

    // The tasks from the root to one of them, or to the leaf.
    private static string Way(PathFlow flow, int? to) =>
        string.Join('/', flow.Steps.Take(to is null ? flow.Steps.Length : 1 + flow.Steps.Select(s => s.Task).ToList().IndexOf(to.Value)).Select(s => s.Task));

    private static bool Follows(PathFlow flow, PipelineEdge edge)
    {
        var at = flow.Steps.Select(s => s.Task).ToList().IndexOf(edge.To);
        return at > 0 && flow.Steps[at - 1].Task == edge.From;
    }

    private double[] Weights(Deployed[] options, ImmutableArray<PathFlow> through, int task)
    {
        var weights = options.Select(o => through.Where(f => Takes(f, task, o.Variant)).Sum(f => f.Qps * RowsPerQuery(f, task))).ToArray();
        return weights.Sum() > 0 ? RouteShares.Normalised(weights) : RouteShares.Normalised([.. options.Select(o => o.CapacityQps)]);
    }

    // A flow that fanned out more on its way here counts for more: shares are of rows, not of queries.
    private double RowsPerQuery(PathFlow flow, int task)
    {
        var rows = 1.0;
        for (var i = 0; flow.Steps[i].Task != task; i++)
            rows *= tasks.Demand.FanOut[tasks.Graph.Tasks[flow.Steps[i + 1].Task].Incoming.First(e => e.From == flow.Steps[i].Task).Index, flow.Steps[i].Variant];
        return rows;
    }

    private static bool Takes(PathFlow flow, int task, int variant) => flow.Steps.Contains(new PathStep(task, variant));
}
