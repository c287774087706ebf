using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Routing;

/// <summary>Derives one pipeline's routes from a plan: the most accurate variants first (<see cref="AccurateFill"/>). Where that would
/// overload a variant and the plan's own flows would not, the plan's flows are used: the table is never worse than the plan.</summary>
internal sealed class RoutingTableBuilder
{
    private readonly DeployedTasks _tasks;
    private readonly ImmutableArray<PathFlow> _flows;
    private readonly double _budgetUs;

    public RoutingTableBuilder(PlanningProblem problem, Plan plan, int pipeline)
    {
        _tasks = new DeployedTasks(problem, plan, pipeline);
        _flows = [.. plan.Flows.Where(f => f.Pipeline == pipeline)];
        _budgetUs = BudgetUs(problem, plan, pipeline) * (1 + 1e-9);
    }

    private Pipeline Graph => _tasks.Graph;

    /// <summary>Returns the longest processing time on any path, microseconds: as in the plan, else by the latency rule C5.</summary>
    public static double BudgetUs(PlanningProblem problem, Plan plan, int pipeline) => plan.ProcessingUs.IsDefaultOrEmpty
        ? problem.Pipelines[pipeline].Pipeline.SloUs * problem.Options.ProcessingShare
        : plan.ProcessingUs[pipeline];

    public PipelineRoutes Build()
    {
        var shares = Choose();
        _tasks.FillRoutedBelow(shares);
        return Finish(shares);
    }

    /// <summary>Computes the result of the shares: the largest load per capacity, the slowest path, and the mean accuracy of each leaf
    /// task.</summary>
    public (double WorstLoad, double SlowestUs, double[] LeafAccuracy) Outcome()
    {
        Choose();
        var accuracy = new double[Graph.Tasks.Length];
        foreach (var leaf in Graph.Tasks.Where(t => t.IsLeaf))
        {
            var inflow = _tasks[leaf.Index].Sum(o => o.InflowQps);
            accuracy[leaf.Index] = inflow > 0 ? _tasks[leaf.Index].Sum(o => o.AccuracyInflow) / inflow : double.NaN;
        }

        var used = _tasks.All.Where(o => o.InflowQps > 0);
        return (_tasks.WorstLoad, used.Select(o => o.PrefixUs).DefaultIfEmpty(0).Max(), accuracy);
    }

    private RouteShares Choose()
    {
        _tasks.FillLeastBelow();
        var shares = new AccurateFill(_tasks, _budgetUs).Run();
        var worst = _tasks.WorstLoad;
        if (worst > 1 + DeployedTasks.Slack)
        {
            var planned = new PlannedShares(_tasks, _flows).Build();
            _tasks.Replay(planned);
            if (_tasks.WorstLoad < worst - DeployedTasks.Slack)
                shares = planned;
            else
                _tasks.Replay(shares);
        }

        return shares;
    }

    private PipelineRoutes Finish(RouteShares shares)
    {
        var tasks = Graph.Tasks.Length;
        var minRemaining = new double[tasks];
        var minBelow = new double[tasks];
        var bestBelow = PipelineAccuracy.Below(Graph, t => _tasks[t.Index].FirstOrDefault()?.Accuracy ?? 0);
        for (var t = tasks - 1; t >= 0; t--)
        {
            var outgoing = Graph.Tasks[t].Outgoing;
            minBelow[t] = outgoing.Select(e => minRemaining[e.To]).DefaultIfEmpty(0).Max();
            minRemaining[t] = minBelow[t] + _tasks[t].Select(o => o.SingleUs).DefaultIfEmpty(double.PositiveInfinity).Min();
        }

        var options = Graph.Tasks.Select(t => _tasks[t.Index].Select(o => new RouteOption(
            o.Variant, o.Accuracy, o.CapacityQps, Math.Max(0, o.CapacityQps - o.InflowQps), o.Batch, o.LatencyUs, o.SingleUs,
            minBelow[t.Index], o.RoutedBelowUs, o.Replicas) { WaitUs = o.WaitUs, ResponseBelowUs = o.WaitUs is null ? null : o.ResponseBelowUs }).ToArray()).ToArray();
        return new PipelineRoutes(
            options,
            Cumulative(shares.Root),
            [.. shares.Edges.Select(e => e.Select(Cumulative).ToArray())],
            [.. Graph.Edges.Select(e => e.To)],
            minRemaining,
            bestBelow);
    }

    private static double[] Cumulative(double[] shares)
    {
        var sum = 0.0;
        return [.. shares.Select(s => sum += s)];
    }
}
