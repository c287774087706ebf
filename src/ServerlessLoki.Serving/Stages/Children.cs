using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Children of an answer: the one rule that dispatcher, orchestrator and ingress apply.</summary>
internal static class Children
{
    [ThreadStatic]
    private static List<int>? s_kept;

    /// <summary>Adds the children along one edge.</summary>
    /// <param name="parent">Task that answered.</param>
    /// <param name="edge">Edge of the children.</param>
    /// <param name="rows">Rows of the answer.</param>
    /// <param name="children">Receives the children in the order of rows; −1 stands for a whole tensor.</param>
    /// <returns>Number of children added.</returns>
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
