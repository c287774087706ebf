using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Division of a served item's weight in a pipeline with joins. It depends on the item and its children only, so a worker that
/// sends the children and the process that keeps the accounts compute the same parts.</summary>
internal static class Passages
{
    /// <summary>Computes the parts of an item: first those of its children, in their order, then those kept for joins.</summary>
    /// <param name="graph">Pipeline of the item.</param>
    /// <param name="from">Task index of the item.</param>
    /// <param name="whole">Its weight.</param>
    /// <param name="outer">What it refers to.</param>
    /// <param name="rows">Its output rows.</param>
    /// <param name="tensor">Its raw output; only tasks that hand tensors on hand it on.</param>
    /// <param name="children">Edge and row of each child.</param>
    /// <param name="key">Key of the item, see <see cref="StageItem.Key"/>.</param>
    /// <returns>Fork that the item's children refer to, and the parts.</returns>
    public static (Fork? Inner, List<Passage> Parts) Of(
        Pipeline graph, int from, Credit whole, Fork? outer, OutputRow[] rows, RowTensor? tensor, List<(int Edge, int Row)> children, ulong key = 0)
    {
        var opened = graph.Joins[from]
            .Where(j => children.Exists(c => graph.Edges[c.Edge].To == j || graph.Reaches(graph.Edges[c.Edge].To, j))).ToArray();
        var inner = opened.Length > 0 ? new Fork(from, whole, outer) { Key = key } : outer;
        var count = children.Count + opened.Length;
        var handedOn = graph.Tasks[from].Output.IsTensors ? tensor : null;
        var parts = new List<Passage>(count);
        foreach (var (edge, row) in children)
        {
            var (task, credit) = (graph.Edges[edge].To, whole.Split(parts.Count, count));
            parts.Add(graph.Tasks[task].IsJoin
                ? new Passage(PassageKind.Arrival, task, credit, new JoinInput(edge, row >= 0 ? rows[row] : default, handedOn))
                : new Passage(PassageKind.Child, task, credit));
        }

        foreach (var join in opened)
            parts.Add(new Passage(PassageKind.Kept, join, whole.Split(parts.Count, count)));
        return (inner, parts);
    }
}
