using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Routing;

/// <summary>
/// Fills one pipeline's variants from the most accurate down (loki.md 3.1 as its paper means it): tasks in topological
/// order, parents by the accuracy of the paths that end there (a total order), children most accurate first up to what
/// is left of their pooled capacity; what fits nowhere spills over all in proportion to capacity.
/// </summary>
/// <remarks>A child whose planned batch would break the latency rule C5 on the parent's path is filled only when nothing
/// else is there. Where this greedy fill would overload a variant and the plan's own flows would not, the plan's flows
/// are used: the table is never worse than the plan.</remarks>
internal sealed class RoutingTableBuilder
{
    private const double Slack = 1e-6;

    private readonly PipelineDemand _demand;
    private readonly Plan _plan;
    private readonly int _pipeline;
    private readonly double _budgetUs;
    private readonly Deployed[][] _deployed;

    public RoutingTableBuilder(PlanningProblem problem, Plan plan, int pipeline)
    {
        _demand = problem.Pipelines[pipeline];
        _plan = plan;
        _pipeline = pipeline;
        _budgetUs = BudgetUs(problem, plan, pipeline) * (1 + 1e-9);
        _deployed = Deployed.Of(problem, plan, pipeline);
    }

    /// <summary>What processing may take on any path: as the plan says, else by the latency rule C5.</summary>
    public static double BudgetUs(PlanningProblem problem, Plan plan, int pipeline) => plan.ProcessingUs.IsDefaultOrEmpty
        ? problem.Pipelines[pipeline].Pipeline.SloUs * problem.Options.ProcessingShare
        : plan.ProcessingUs[pipeline];

    private Pipeline Graph => _demand.Pipeline;

    public PipelineRoutes Build()
    {
        var shares = Choose();
        FillRoutedBelow(shares);
        return Finish(shares);
    }

    /// <summary>What the shares lead to: largest load per capacity, and per leaf task its mean accuracy and slowest path.</summary>
    public (double WorstLoad, double SlowestUs, double[] LeafAccuracy) Outcome()
    {
        Choose();
        var accuracy = new double[Graph.Tasks.Length];
        foreach (var leaf in Graph.Tasks.Where(t => t.IsLeaf))
        {
            var inflow = _deployed[leaf.Index].Sum(o => o.InflowQps);
            accuracy[leaf.Index] = inflow > 0 ? _deployed[leaf.Index].Sum(o => o.AccuracyInflow) / inflow : double.NaN;
        }

        var used = _deployed.SelectMany(d => d).Where(o => o.InflowQps > 0);
        return (WorstLoad(), used.Select(o => o.PrefixUs).DefaultIfEmpty(0).Max(), accuracy);
    }

    private Shares Choose()
    {
        FillLeastBelow();
        var shares = MostAccurateFirst();
        var worst = WorstLoad();
        if (worst > 1 + Slack)
        {
            var planned = PlannedShares();
            Replay(planned);
            if (WorstLoad() < worst - Slack)
                shares = planned;
            else
                Replay(shares);
        }

        return shares;
    }

    // -- most accurate first --------------------------------------------------------------------------------------

    private Shares MostAccurateFirst()
    {
        var shares = Shares.For(Graph);
        var root = _deployed[0];
        var served = _demand.DemandQps * _plan.ServedShare[_pipeline];
        shares.Root = Fill(served, root, _ => true, prefixAccuracy: 1, prefixUs: 0);
        foreach (var task in Graph.Tasks.Skip(1))
        {
            var children = _deployed[task.Index];
            var arrivals = Arrivals(task);
            if (task.IsJoin)
                FillJoin(shares, task, arrivals);
            foreach (var (edge, parent, amount) in task.IsJoin ? [] : arrivals)
            {
                bool Fits(Deployed child) => parent.PrefixUs + child.LatencyUs + child.LeastPlannedBelowUs <= _budgetUs;
                shares.Edges[edge.Index][parent.Variant] = Fill(amount, children, Fits, MeanAccuracy(parent), parent.PrefixUs);
            }

            foreach (var edge in task.Incoming)
                FillUndeployed(shares, edge, children);
        }

        return shares;
    }

    private static double MeanAccuracy(Deployed parent) => parent.InflowQps > 0 ? parent.AccuracyInflow / parent.InflowQps : parent.Accuracy;

    // Rows per second that each parent sends to a task, parents with the most accurate paths first. Arrivals of the same item share
    // one run of a join, and there are no more runs than items: each counts for its part of them.
    private List<(PipelineEdge Edge, Deployed Parent, double Qps)> Arrivals(PipelineTask task)
    {
        var arrivals = task.Incoming
            .SelectMany(e => _deployed[e.From].Select(p => (Edge: e, Parent: p, Qps: p.InflowQps * _demand.FanOut[e.Index, p.Variant])))
            .OrderByDescending(a => a.Parent.InflowQps > 0 ? a.Parent.AccuracyInflow / a.Parent.InflowQps : 0).ThenByDescending(a => a.Parent.Accuracy)
            .ToList();
        if (task.JoinsPer is not { } per)
            return arrivals;
        var items = _deployed[per].Sum(d => d.InflowQps);
        var all = arrivals.Sum(a => a.Qps);
        return all <= items ? arrivals : arrivals.ConvertAll(a => a with { Qps = a.Qps * items / all });
    }

    // One run answers all branches, after the slowest: its shares are the same whichever arrived last.
    private void FillJoin(Shares shares, PipelineTask task, List<(PipelineEdge Edge, Deployed Parent, double Qps)> arrivals)
    {
        var qps = arrivals.Sum(a => a.Qps);
        var slowestUs = arrivals.Where(a => a.Qps > 0).Select(a => a.Parent.PrefixUs).DefaultIfEmpty(0).Max();
        var accuracy = qps > 0 ? arrivals.Sum(a => a.Qps * MeanAccuracy(a.Parent)) / qps : 1;
        var given = Fill(qps, _deployed[task.Index], c => slowestUs + c.LatencyUs + c.LeastPlannedBelowUs <= _budgetUs, accuracy, slowestUs);
        foreach (var edge in task.Incoming)
            Array.Fill(shares.Edges[edge.Index], given);
    }

    // Gives each child what is left of it, in order; the rest over all in proportion to capacity. Returns the shares.
    private static double[] Fill(double amount, Deployed[] children, Func<Deployed, bool> fits, double prefixAccuracy, double prefixUs)
    {
        var given = new double[children.Length];
        if (children.Length == 0)
            return given;
        var allowed = Array.Exists(children, c => fits(c)) ? fits : _ => true;
        var left = amount;
        for (var c = 0; c < children.Length && left > 0; c++)
        {
            if (!allowed(children[c]))
                continue;
            given[c] = Math.Min(left, Math.Max(0, children[c].RemainingQps));
            left -= given[c];
        }

        if (left > Slack * amount)
        {
            var capacity = children.Where(allowed).Sum(c => c.CapacityQps);
            for (var c = 0; c < children.Length; c++)
            {
                if (allowed(children[c]))
                    given[c] += left * children[c].CapacityQps / capacity;
            }
        }

        if (amount <= 0)
        {
            // Nothing is expected here, but a query may come: it takes the most accurate child with room.
            var first = Array.FindIndex(children, c => allowed(c) && c.RemainingQps > 0);
            given[first >= 0 ? first : Array.FindIndex(children, c => allowed(c))] = 1;
            return given;
        }

        for (var c = 0; c < children.Length; c++)
        {
            if (given[c] > 0)
                children[c].Receive(given[c], prefixAccuracy, prefixUs);
        }

        return Normalised(given);
    }

    // A parent variant that is no longer deployed may still finish queries: its children follow the others.
    private static void FillUndeployed(Shares shares, PipelineEdge edge, Deployed[] children)
    {
        var overall = Normalised([.. children.Select(c => c.InflowQps > 0 ? c.InflowQps : c.CapacityQps * Slack)]);
        foreach (ref var row in shares.Edges[edge.Index].AsSpan())
            row ??= overall;
    }

    // -- the plan's own flows ---------------------------------------------------------------------------------------

    private Shares PlannedShares()
    {
        var flows = _plan.Flows.Where(f => f.Pipeline == _pipeline).ToImmutableArray();
        var shares = Shares.For(Graph);
        shares.Root = Weights(_deployed[0], OneLeafEach(flows, 0), 0);
        foreach (var edge in Graph.Edges)
        {
            var below = OneLeafEach(flows, edge.To);
            var overall = Weights(_deployed[edge.To], below, edge.To);
            if (Graph.Tasks[edge.To].IsJoin)
            {
                Array.Fill(shares.Edges[edge.Index], overall);
                continue;
            }

            for (var v = 0; v < shares.Edges[edge.Index].Length; v++)
            {
                var through = below.Where(f => Takes(f, edge.From, v) && Follows(f, edge)).ToImmutableArray();
                shares.Edges[edge.Index][v] = through.IsEmpty ? overall : Weights(_deployed[edge.To], through, edge.To);
            }
        }

        return shares;
    }

    // The flows of each way to a leaf carry the whole demand; one leaf below each way to a task tells all about it.
    private static ImmutableArray<PathFlow> OneLeafEach(ImmutableArray<PathFlow> flows, int task) =>
    [
        .. flows.Where(f => f.Steps.Any(s => s.Task == task))
            .GroupBy(f => Way(f, task), StringComparer.Ordinal)
            .SelectMany(way => way.Where(f => Way(f, null) == Way(way.First(), null))),
    ];

    // The tasks from the root to one of them, or to the leaf.
    private static string Way(PathFlow flow, int? to) =>
        string.Join('/', flow.Steps.Take(to is null ? flow.Steps.Length : 1 + flow.Steps.Select(s => s.Task).ToList().IndexOf(to.Value)).Select(s => s.Task));

    private static bool Follows(PathFlow flow, PipelineEdge edge)
    {
        var at = flow.Steps.Select(s => s.Task).ToList().IndexOf(edge.To);
        return at > 0 && flow.Steps[at - 1].Task == edge.From;
    }

    private double[] Weights(Deployed[] options, ImmutableArray<PathFlow> flows, int task)
    {
        var weights = options.Select(o => flows.Where(f => Takes(f, task, o.Variant)).Sum(f => f.Qps * RowsPerQuery(f, task))).ToArray();
        return weights.Sum() > 0 ? Normalised(weights) : Normalised([.. options.Select(o => o.CapacityQps)]);
    }

    // A flow that fanned out more on its way here counts for more: shares are of rows, not of queries.
    private double RowsPerQuery(PathFlow flow, int task)
    {
        var rows = 1.0;
        for (var i = 0; flow.Steps[i].Task != task; i++)
            rows *= _demand.FanOut[Graph.Tasks[flow.Steps[i + 1].Task].Incoming.First(e => e.From == flow.Steps[i].Task).Index, flow.Steps[i].Variant];
        return rows;
    }

    private static bool Takes(PathFlow flow, int task, int variant) => flow.Steps.Contains(new PathStep(task, variant));

    // Recomputes the inflows that given shares lead to.
    private void Replay(Shares shares)
    {
        foreach (var option in _deployed.SelectMany(d => d))
            option.Reset();
        Send(_deployed[0], shares.Root, _demand.DemandQps * _plan.ServedShare[_pipeline], 1, 0);
        foreach (var task in Graph.Tasks.Skip(1))
        {
            foreach (var (edge, parent, amount) in Arrivals(task).Where(a => a.Parent.InflowQps > 0))
                Send(_deployed[task.Index], shares.Edges[edge.Index][parent.Variant], amount, parent.AccuracyInflow / parent.InflowQps, parent.PrefixUs);
        }
    }

    private static void Send(Deployed[] children, double[] shares, double amount, double prefixAccuracy, double prefixUs)
    {
        for (var c = 0; c < children.Length; c++)
        {
            if (shares[c] * amount > 0)
                children[c].Receive(shares[c] * amount, prefixAccuracy, prefixUs);
        }
    }

    private double WorstLoad() =>
        _deployed.SelectMany(d => d).Select(o => o.InflowQps / o.FillQps).DefaultIfEmpty(0).Max();

    // -- times below ------------------------------------------------------------------------------------------------

    private void FillLeastBelow()
    {
        foreach (var task in Graph.Tasks.Reverse())
        {
            var below = task.Outgoing.Select(e => _deployed[e.To].Select(c => c.LatencyUs + c.LeastPlannedBelowUs).DefaultIfEmpty(0).Min());
            var longest = below.DefaultIfEmpty(0).Max();
            foreach (var option in _deployed[task.Index])
                option.LeastPlannedBelowUs = longest;
        }
    }

    private void FillRoutedBelow(Shares shares)
    {
        foreach (var task in Graph.Tasks.Reverse())
        {
            foreach (var option in _deployed[task.Index])
            {
                option.RoutedBelowUs = task.Outgoing
                    .Select(e => Routed(_deployed[e.To], shares.Edges[e.Index][option.Variant], c => c.LatencyUs + c.RoutedBelowUs))
                    .DefaultIfEmpty(0).Max();
                option.ResponseBelowUs = task.Outgoing
                    .Select(e => Routed(
                        _deployed[e.To], shares.Edges[e.Index][option.Variant], c => c.LatencyUs + (c.WaitUs ?? c.LatencyUs) + c.ResponseBelowUs))
                    .DefaultIfEmpty(0).Max();
            }
        }

        static double Routed(Deployed[] children, double[] shares, Func<Deployed, double> us) =>
            children.Where((_, c) => shares[c] > Slack).Select(us).DefaultIfEmpty(0).Max();
    }

    // -- result -----------------------------------------------------------------------------------------------------

    private PipelineRoutes Finish(Shares shares)
    {
        var tasks = Graph.Tasks.Length;
        var minRemaining = new double[tasks];
        var minBelow = new double[tasks];
        var bestBelow = new double[tasks];
        for (var t = tasks - 1; t >= 0; t--)
        {
            var outgoing = Graph.Tasks[t].Outgoing;
            minBelow[t] = outgoing.Select(e => minRemaining[e.To]).DefaultIfEmpty(0).Max();
            bestBelow[t] = outgoing.Select(e => (_deployed[e.To].FirstOrDefault()?.Accuracy ?? 0) * bestBelow[e.To]).DefaultIfEmpty(1).Min();
            minRemaining[t] = minBelow[t] + _deployed[t].Select(o => o.SingleUs).DefaultIfEmpty(double.PositiveInfinity).Min();
        }

        var options = _deployed.Select((d, t) => d.Select(o => new RouteOption(
            o.Variant, o.Accuracy, o.CapacityQps, Math.Max(0, o.CapacityQps - o.InflowQps), o.Batch, o.LatencyUs, o.SingleUs,
            minBelow[t], o.RoutedBelowUs, o.Replicas) { WaitUs = o.WaitUs, ResponseBelowUs = o.WaitUs is null ? null : o.ResponseBelowUs }).ToArray()).ToArray();
        return new PipelineRoutes(
            options,
            Cumulative(shares.Root),
            [.. shares.Edges.Select(e => e.Select(Cumulative).ToArray())],
            [.. Graph.Edges.Select(e => e.To)],
            minRemaining,
            bestBelow);
    }

    private static double[] Normalised(double[] weights)
    {
        var sum = weights.Sum();
        return sum > 0 ? [.. weights.Select(w => w / sum)] : weights;
    }

    private static double[] Cumulative(double[] shares)
    {
        var sum = 0.0;
        return [.. shares.Select(s => sum += s)];
    }

    private sealed class Shares
    {
        public required double[][][] Edges { get; init; }

        public double[] Root { get; set; } = [];

        public static Shares For(Pipeline graph) =>
            new() { Edges = [.. graph.Edges.Select(e => new double[graph.Tasks[e.From].Variants.Length][])] };
    }
}
