using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Control;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Inference.Transforms;
using ServerlessLoki.Serving.Workers;

namespace ServerlessLoki.Serving.Remote;

/// <summary>Counts the children of answers that came from workers.</summary>
internal sealed class FanOutCounter(ImmutableArray<Pipeline> pipelines, TransformRegistry transforms, IngressMonitor monitor)
{
    [ThreadStatic]
    private static List<(int Edge, int Row)>? s_children;
    private readonly EdgeTransforms[][] _edges = [.. pipelines.Select(p => PreparedEdges.Of(p, transforms))];

    public void Count(int pipeline, int task, int variant, OutputRow[] rows)
    {
        var children = s_children ??= [];
        var parent = pipelines[pipeline].Tasks[task];
        foreach (var edge in parent.Outgoing)
        {
            children.Clear();
            monitor.FannedOut(pipeline, edge.Index, variant, Children.Add(parent, _edges[pipeline][edge.Index], rows, children));
        }
    }
}
