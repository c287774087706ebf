using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Puts tasks in topological order and refuses graphs that a query cannot pass.</summary>
internal static class PipelineOrder
{
    /// <summary>Sorts the tasks topologically and returns their positions in the file: the root first, else in the order of the file; null
    /// after faults.</summary>
    /// <param name="tasks">Tasks in the order of the file.</param>
    /// <param name="edges">Edges in the order of the file; both ends exist.</param>
    /// <param name="faults">Receives the faults.</param>
    /// <param name="joinsPer">For each task that joins, the task per whose items it joins.</param>
    public static int[]? Of(List<TaskDraft> tasks, List<EdgeDraft> edges, FaultList faults, out Dictionary<int, int> joinsPer)
    {
        var before = faults.Count;
        joinsPer = [];
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
        if (faults.Count > before)
            return null;
        joinsPer = Joins(tasks, edges, [.. order]);
        Ways(tasks, edges, [.. order]);
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

    /// <summary>Finds, for each joining task, the task per whose items it joins; both as positions in the file.</summary>
    private static Dictionary<int, int> Joins(List<TaskDraft> tasks, List<EdgeDraft> edges, int[] order)
    {
        var pairs = edges.Select(e => (e.From, e.To)).ToList();
        var joins = new Dictionary<int, int>();
        foreach (var task in order.Where(t => tasks[t].Join is not null))
        {
            var join = tasks[task].Join!;
            var gates = PipelineWays.Gates(task, order, pairs);
            var per = join.Per is null ? gates.Cast<int?>().FirstOrDefault() : gates.Cast<int?>().FirstOrDefault(g => tasks[g!.Value].Name == join.Per);
            if (gates.Count == 0)
                join.Place.Fault("the root has no branches to join", "\"all\"", "a task with incoming edges");
            else if (per is null)
                join.Place.Fault("not every way to the task leads through it", $"\"{join.Per}\"", string.Join(", ", gates.Select(g => tasks[g].Name)));
            else
                joins[task] = per.Value;
        }

        return joins;
    }

    private static void Ways(List<TaskDraft> tasks, List<EdgeDraft> edges, int[] order)
    {
        var ways = new long[tasks.Count];
        ways[order[0]] = 1;
        foreach (var task in order)
        {
            foreach (var edge in edges.Where(e => e.From == task))
                ways[edge.To] = Math.Min(ways[edge.To] + ways[task], int.MaxValue);
        }

        var leaves = order.Where(t => edges.All(e => e.From != t)).ToList();
        if (leaves.Sum(t => ways[t]) > PipelineWays.Most)
        {
            tasks[leaves.MaxBy(t => ways[t])].Place.Fault(
                "too many ways lead from the root to the leaves", $"{leaves.Sum(t => ways[t])}", $"at most {PipelineWays.Most}; merge branches earlier, or divide the pipeline");
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
