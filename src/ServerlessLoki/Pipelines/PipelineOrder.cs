using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Puts tasks in topological order and refuses graphs that a query cannot pass.</summary>
internal static class PipelineOrder
{
    /// <summary>File positions in topological order, the root first and otherwise as in the file; null after faults.</summary>
    public static int[]? Of(List<TaskDraft> tasks, List<EdgeDraft> edges, FaultList faults)
    {
        var before = faults.Count;
        foreach (var edge in edges.Where(e => e.From == e.To))
            edge.Place.Fault("the edge leads from a task to itself", $"\"{tasks[edge.From].Name}\"", "an acyclic graph");
        foreach (var (edge, first) in edges.Select(e => (e, edges.First(f => (f.From, f.To) == (e.From, e.To)))).Where(x => x.e != x.Item2))
            edge.Place.Fault($"the edge stands already at {first.Place.Path}", null, "one edge between two tasks; list all labels there");

        var order = Sort(tasks.Count, edges, out var stuck);
        if (faults.Count == before && stuck.Count > 0)
            tasks[stuck[0]].Place.Fault("the graph has a cycle", Cycle(tasks, edges, stuck), "an acyclic graph");
        if (faults.Count > before)
            return null;

        Roots(tasks, edges);
        Joins(tasks, edges);
        return faults.Count == before ? [.. order] : null;
    }

    private static void Roots(List<TaskDraft> tasks, List<EdgeDraft> edges)
    {
        var roots = Enumerable.Range(0, tasks.Count).Where(t => edges.All(e => e.To != t)).ToList();
        foreach (var extra in roots.Skip(1))
        {
            tasks[extra].Place.Fault(
                $"no edge leads to task \"{tasks[extra].Name}\": no query would reach it",
                $"roots {string.Join(", ", roots.Select(r => $"\"{tasks[r].Name}\""))}",
                $"one root; add an edge that leads here from \"{tasks[roots[0]].Name}\" or a task below it");
        }
    }

    private static void Joins(List<TaskDraft> tasks, List<EdgeDraft> edges)
    {
        foreach (var group in edges.GroupBy(e => e.To).Where(g => g.Count() > 1))
        {
            group.Last().Place.Fault(
                $"a second edge leads to task \"{tasks[group.Key].Name}\"; joining branches of a query is not served yet",
                string.Join(" and ", group.Select(e => $"\"{tasks[e.From].Name}\"")),
                "one incoming edge per task: give each branch its own task, the model files may be the same");
        }
    }

    private static List<int> Sort(int count, List<EdgeDraft> edges, out List<int> stuck)
    {
        var open = new int[count];
        foreach (var edge in edges)
            open[edge.To]++;
        var order = new List<int>();
        var left = Enumerable.Range(0, count).ToList();
        while (left.FindIndex(t => open[t] == 0) is var next && next >= 0)
        {
            var task = left[next];
            left.RemoveAt(next);
            order.Add(task);
            foreach (var edge in edges.Where(e => e.From == task))
                open[edge.To]--;
        }

        stuck = left;
        return order;
    }

    // Every stuck task has a stuck parent: walking up must come back to where it was.
    private static string Cycle(List<TaskDraft> tasks, List<EdgeDraft> edges, List<int> stuck)
    {
        var walk = new List<int> { stuck[0] };
        while (true)
        {
            var parent = edges.First(e => e.To == walk[^1] && stuck.Contains(e.From)).From;
            var seen = walk.IndexOf(parent);
            walk.Add(parent);
            if (seen >= 0)
                return string.Join(" → ", Enumerable.Reverse(walk.Skip(seen)).Select(t => tasks[t].Name));
        }
    }
}
