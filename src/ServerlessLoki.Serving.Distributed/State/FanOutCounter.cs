using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Counter of the children of answers that came from workers.</summary>
internal sealed class FanOutCounter(ImmutableArray<Pipeline> pipelines, TransformRegistry transforms, IngressMonitor monitor)
{
    private readonly EdgeTransforms[][] _edges = [.. pipelines.Select(p => PreparedEdges.Of(p, transforms))];

    /// <summary>Finds the children of an answer by the same rule as the worker that gave it, and counts them.</summary>
    public List<(int Edge, int Row)> Count(int pipeline, int task, int variant, OutputRow[] rows)
    {
        var children = new List<(int Edge, int Row)>();
        var parent = pipelines[pipeline].Tasks[task];
        foreach (var edge in parent.Outgoing)
            monitor.FannedOut(pipeline, edge.Index, variant, Children.Add(parent, _edges[pipeline][edge.Index], rows, children));
        return children;
    }
}
