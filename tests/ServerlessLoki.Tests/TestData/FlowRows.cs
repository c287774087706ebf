using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Tests.TestData;

/// <summary>Rows that the flows of a plan for one pipeline bring to each variant, followed edge by edge, without the planner's model.</summary>
/// <remarks>Along an edge rows multiply. A join runs once for each item of the task that it joins per: of all that arrives for the same
/// item on its branches each counts for its part of that run. What the other branches bring is their mean over the plan's own flows.</remarks>
internal sealed class FlowRows(PipelineDemand demand, Plan plan, double headroom)
{
    private readonly Dictionary<string, double> _means = new(StringComparer.Ordinal);

    private Pipeline Graph => demand.Pipeline;

    /// <summary>Tasks from the root to a task, along every way that there is.</summary>
    public IEnumerable<int[]> WaysTo(int task) => task == 0
        ? [[0]]
        : Graph.Edges.Where(e => e.To == task).SelectMany(e => WaysTo(e.From)).Select(way => (int[])[.. way, task]);

    /// <summary>Flows that begin with a way, to one of the leaves below: each leaf's carry all of the demand.</summary>
    public IEnumerable<PathFlow> Along(int[] way)
    {
        var below = plan.Flows.Where(f => Tasks(f).Take(way.Length).SequenceEqual(way)).ToList();
        return below.Count == 0 ? [] : below.Where(f => Tasks(f).SequenceEqual(Tasks(below[0])));
    }

    /// <summary>Rows per second of one variant.</summary>
    public double Qps(int task, int variant) =>
        WaysTo(task).Sum(way => Along(way).Where(f => f.Steps[way.Length - 1].Variant == variant).Sum(f => f.Qps * Rows(way, f)));

    private static IEnumerable<int> Tasks(PathFlow flow) => flow.Steps.Select(s => s.Task);

    private double Rows(int[] way, PathFlow flow)
    {
        if (way.Length == 1)
            return 1;
        var arrivals = Arrivals(way, flow);
        if (Graph.Tasks[way[^1]].JoinsPer is not { } per)
            return arrivals;
        var item = way[..(Array.IndexOf(way, per) + 1)];
        var items = Rows(item, flow);
        if (items <= 0)
            return 0;
        var others = WaysTo(way[^1]).Where(w => w.Take(item.Length).SequenceEqual(item) && !w.SequenceEqual(way)).Sum(w => PerItem(w, item));
        return arrivals / Math.Max(1, (arrivals / items) + others);
    }

    private double Arrivals(int[] way, PathFlow flow)
    {
        var edge = Graph.Edges.Single(e => e.From == way[^2] && e.To == way[^1]);
        return Rows(way[..^1], flow) * demand.FanOut[edge.Index, flow.Steps[way.Length - 2].Variant] * headroom;
    }

    // Mean arrivals on a way for one item, over all items.
    private double PerItem(int[] way, int[] item)
    {
        var key = string.Join('-', way);
        if (_means.TryGetValue(key, out var known))
            return known;
        var flows = Along(way).ToList();
        var items = flows.Sum(f => f.Qps * Rows(item, f));
        return _means[key] = items > 0 ? flows.Sum(f => f.Qps * Arrivals(way, f)) / items : 0;
    }
}
