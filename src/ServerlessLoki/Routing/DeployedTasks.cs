using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Routing;

/// <summary>Variants that a plan runs for one pipeline's tasks, with the flows that routes send to them and the resulting times.</summary>
internal sealed class DeployedTasks(PlanningProblem problem, Plan plan, int pipeline)
{
    /// <summary>Largest share or part of a load that counts as a rounding error.</summary>
    public const double Slack = 1e-6;

    private readonly Deployed[][] _deployed = Deployed.Of(problem, plan, pipeline);

    public PipelineDemand Demand { get; } = problem.Pipelines[pipeline];

    public Pipeline Graph => Demand.Pipeline;

    /// <summary>Root queries per second that are admitted: the demand times the served share.</summary>
    public double ServedQps { get; } = problem.Pipelines[pipeline].DemandQps * plan.ServedShare[pipeline];

    public IEnumerable<Deployed> All => _deployed.SelectMany(d => d);

    /// <summary>Largest ratio of a variant's load to the capacity that routes may fill.</summary>
    public double WorstLoad => All.Select(o => o.InflowQps / o.FillQps).DefaultIfEmpty(0).Max();

    /// <summary>Deployed variants of a task, most accurate first.</summary>
    public Deployed[] this[int task] => _deployed[task];

    /// <summary>Lists the rows per second that each parent sends to a task, parents with the most accurate paths first. Arrivals of the
    /// same item share one run of a join, and there are at most as many runs as items: each arrival counts for its part of them.</summary>
    public List<(PipelineEdge Edge, Deployed Parent, double Qps)> Arrivals(PipelineTask task)
    {
        var arrivals = task.Incoming
            .SelectMany(e => this[e.From].Select(p => (Edge: e, Parent: p, Qps: p.InflowQps * Demand.FanOut[e.Index, p.Variant])))
            .OrderByDescending(a => a.Parent.InflowQps > 0 ? a.Parent.MeanAccuracy : 0).ThenByDescending(a => a.Parent.Accuracy)
            .ToList();
        if (task.JoinsPer is not { } per)
            return arrivals;
        var items = this[per].Sum(d => d.InflowQps);
        var all = arrivals.Sum(a => a.Qps);
        return all <= items ? arrivals : arrivals.ConvertAll(a => a with { Qps = a.Qps * items / all });
    }

    /// <summary>Recomputes the inflows that given shares lead to.</summary>
    public void Replay(RouteShares shares)
    {
        foreach (var option in All)
            option.Reset();
        Send(this[0], shares.Root, ServedQps, 1, 0);
        foreach (var task in Graph.Tasks.Skip(1))
        {
            foreach (var (edge, parent, amount) in Arrivals(task).Where(a => a.Parent.InflowQps > 0))
                Send(this[task.Index], shares.Edges[edge.Index][parent.Variant], amount, parent.MeanAccuracy, parent.PrefixUs);
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

    /// <summary>Sets the least processing times below.</summary>
    public void FillLeastBelow()
    {
        foreach (var task in Graph.Tasks.Reverse())
        {
            var below = task.Outgoing.Select(e => this[e.To].Select(c => c.LatencyUs + c.LeastPlannedBelowUs).DefaultIfEmpty(0).Min());
            var longest = below.DefaultIfEmpty(0).Max();
            foreach (var option in this[task.Index])
                option.LeastPlannedBelowUs = longest;
        }
    }

    /// <summary>Sets the times below on the routes that given shares make normal.</summary>
    public void FillRoutedBelow(RouteShares shares)
    {
        foreach (var task in Graph.Tasks.Reverse())
        {
            foreach (var option in this[task.Index])
            {
                option.RoutedBelowUs = task.Outgoing
                    .Select(e => Routed(this[e.To], shares.Edges[e.Index][option.Variant], c => c.LatencyUs + c.RoutedBelowUs))
                    .DefaultIfEmpty(0).Max();
                option.ResponseBelowUs = task.Outgoing
                    .Select(e => Routed(
                        this[e.To], shares.Edges[e.Index][option.Variant], c => c.LatencyUs + (c.WaitUs ?? c.LatencyUs) + c.ResponseBelowUs))
                    .DefaultIfEmpty(0).Max();
            }
        }

        static double Routed(Deployed[] children, double[] shares, Func<Deployed, double> us) =>
            children.Where((_, c) => shares[c] > Slack).Select(us).DefaultIfEmpty(0).Max();
    }
}
