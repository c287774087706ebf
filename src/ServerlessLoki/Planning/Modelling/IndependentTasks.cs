using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>
/// Pipelines as systems for independent models see them (Loki, baselines, "Proteus on pipelines"): each task is a family of its own
/// with the demand that is observed there and an equal part of the objective. What a variant does to the tasks below it, such
/// a system does not know.
/// </summary>
internal sealed class IndependentTasks
{
    private readonly ImmutableArray<(int Pipeline, int Task)> _origins;

    private IndependentTasks(PlanningProblem families, ImmutableArray<(int Pipeline, int Task)> origins)
    {
        Families = families;
        _origins = origins;
    }

    /// <summary>Problem with one single-task pipeline for every task; the original problem where all its pipelines have one task.</summary>
    public PlanningProblem Families { get; }

    /// <summary>Splits pipelines into their tasks.</summary>
    public static IndependentTasks Of(PlanningProblem problem)
    {
        ImmutableArray<(int Pipeline, int Task)> origins =
            [.. problem.Pipelines.SelectMany((p, i) => p.Pipeline.Tasks.Select(t => (i, t.Index)))];
        if (problem.Pipelines.All(p => p.Pipeline.Tasks.Length == 1))
            return new IndependentTasks(problem, origins);
        var rows = problem.Pipelines.Select((_, p) => ObservedQps(problem, p)).ToArray();
        var families = problem with
        {
            Pipelines = [.. origins.Select(o => Family(problem.Pipelines[o.Pipeline].Pipeline, o.Task, rows[o.Pipeline][o.Task]))],
            Previous = problem.Previous is { } plan ? Split(plan, origins, rows) : null,
        };
        return new IndependentTasks(families, origins);
    }

    /// <summary>Pipeline of the problem that a family's task belongs to.</summary>
    public int PipelineOf(int family) => _origins[family].Pipeline;

    /// <summary>Translates slots of single-task pipelines back to slots of tasks.</summary>
    public IEnumerable<SlotGroup> Join(IEnumerable<SlotGroup> groups) =>
        groups.Select(g => g with { Pipeline = _origins[g.Pipeline].Pipeline, Task = _origins[g.Pipeline].Task });

    private static PipelineDemand Family(Pipeline graph, int task, double demandQps)
    {
        var origin = graph.Tasks[task];
        var name = graph.Tasks.Length == 1 ? graph.Name : $"{graph.Name}/{origin.Name}";
        var family = new Pipeline(name, graph.SloUs / TasksOnLongestPath(graph, task), graph.Input, [new PipelineTask(0, origin.Name, origin.Output, origin.Variants)], []);
        return new PipelineDemand(family, demandQps, FanOut.One(family));
    }

    // Whatever path a query takes, the parts of its tasks are no more than the whole.
    private static int TasksOnLongestPath(Pipeline graph, int task)
    {
        var (above, below) = (new int[graph.Tasks.Length], new int[graph.Tasks.Length]);
        foreach (var edge in graph.Tasks.SelectMany(t => t.Outgoing))
            above[edge.To] = Math.Max(above[edge.To], above[edge.From] + 1);
        foreach (var edge in graph.Tasks.Reverse().SelectMany(t => t.Outgoing))
            below[edge.From] = Math.Max(below[edge.From], below[edge.To] + 1);
        return above[task] + 1 + below[task];
    }

    /// <summary>Computes the rows per second of each task under the variants that run; before the first plan under the most accurate
    /// ones.</summary>
    private static double[] ObservedQps(PlanningProblem problem, int pipeline)
    {
        var demand = problem.Pipelines[pipeline];
        var rows = VisitRows.OfTasks(demand.Pipeline, edge => ObservedFanOut(problem, pipeline, edge) * problem.Options.FanOutHeadroom);
        return [.. rows.Select(r => r * demand.DemandQps)];
    }

    private static double ObservedFanOut(PlanningProblem problem, int pipeline, PipelineEdge edge)
    {
        var demand = problem.Pipelines[pipeline];
        double rows = 0, children = 0;
        foreach (var group in problem.Previous?.Slots ?? [])
        {
            if (group.Pipeline != pipeline || group.Task != edge.From || group.Variant >= demand.Pipeline.Tasks[edge.From].Variants.Length)
                continue;
            rows += group.LoadQps;
            children += group.LoadQps * demand.FanOut[edge.Index, group.Variant];
        }

        return rows > 0 ? children / rows : demand.FanOut[edge.Index, demand.Pipeline.Tasks[edge.From].MostAccurate.Index];
    }

    private static Plan Split(Plan plan, ImmutableArray<(int Pipeline, int Task)> origins, double[][] rows) => plan with
    {
        Slots = [.. plan.Slots.Where(s => origins.Contains((s.Pipeline, s.Task))).Select(s => s with { Pipeline = origins.IndexOf((s.Pipeline, s.Task)), Task = 0 })],
        Flows = [],
        ServedShare = [.. origins.Select(o => o.Pipeline < plan.ServedShare.Length ? plan.ServedShare[o.Pipeline] : 1)],
        DemandQps = [.. origins.Select(o => rows[o.Pipeline][o.Task])],
        PredictedP99Us = [],
    };
}
