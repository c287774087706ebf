using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>The ways through a graph whose tasks are in topological order.</summary>
internal static class PipelineWays
{
    /// <summary>Most ways from the root to all leaves together. Pipelines with more are refused, since each way has variant paths of its
    /// own to plan.</summary>
    public const int Most = 64;

    /// <summary>Lists all ways from the root, by task and then by incoming edge; a way stands after the one that it prolongs.</summary>
    public static ImmutableArray<TaskVisit> Visits(ImmutableArray<PipelineTask> tasks)
    {
        var visits = ImmutableArray.CreateBuilder<TaskVisit>();
        var byTask = new List<TaskVisit>[tasks.Length];
        foreach (var task in tasks)
        {
            byTask[task.Index] = [];
            if (task.Incoming.IsEmpty)
                Add(task.Index, null, -1);
            foreach (var edge in task.Incoming)
            {
                foreach (var parent in byTask[edge.From])
                    Add(task.Index, parent, edge.Index);
            }
        }

        return visits.ToImmutable();

        void Add(int task, TaskVisit? parent, int edge)
        {
            var visit = new TaskVisit(visits.Count, task, parent, edge);
            visits.Add(visit);
            byTask[task].Add(visit);
        }
    }

    /// <summary>Computes [from][to]: true when rows of one task can lead to rows of the other.</summary>
    public static bool[][] Reach(int tasks, IReadOnlyCollection<(int From, int To)> edges)
    {
        var reach = Enumerable.Range(0, tasks).Select(_ => new bool[tasks]).ToArray();
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var (from, to) in edges)
            {
                for (var end = 0; end < tasks; end++)
                {
                    if ((end == to || reach[to][end]) && !reach[from][end])
                        changed = reach[from][end] = true;
                }
            }
        }

        return reach;
    }

    /// <summary>Lists the tasks that lie on every way from the root to a task, nearest to the task first; the task itself is left
    /// out.</summary>
    public static List<int> Gates(int task, int[] order, IReadOnlyCollection<(int From, int To)> edges)
    {
        var gates = new List<int>();
        foreach (var gate in order.TakeWhile(t => t != task))
        {
            var reached = new HashSet<int>();
            foreach (var next in order.Where(t => t != gate))
            {
                if (next == order[0] || edges.Any(e => e.To == next && reached.Contains(e.From)))
                    reached.Add(next);
            }

            if (!reached.Contains(task))
                gates.Insert(0, gate);
        }

        return gates;
    }
}
