using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Which children an answer has: the one rule that dispatcher, orchestrator and ingress go by.</summary>
internal static class Children
{
    [ThreadStatic]
    private static List<int>? s_kept;

    /// <summary>Adds the children along one edge.</summary>
    /// <param name="parent">The task that answered.</param>
    /// <param name="edge">The edge.</param>
    /// <param name="rows">The answer's rows.</param>
    /// <param name="children">They are added here, in the order of rows; −1 stands for a whole tensor.</param>
    /// <returns>How many were added.</returns>
    public static int Add(PipelineTask parent, EdgeTransforms edge, OutputRow[] rows, List<(int Edge, int Row)> children)
    {
        if (parent.Output.IsTensors)
        {
            children.Add((edge.Edge.Index, -1));
            return 1;
        }

        var kept = s_kept ??= [];
        edge.Select(rows, kept);
        foreach (var row in kept)
            children.Add((edge.Edge.Index, row));
        return kept.Count;
    }
}
