using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Routing;

/// <summary>
/// Fills variants from the most accurate down (Loki, as its paper means it): tasks in topological order, parents by the accuracy
/// of the paths that end there (a total order), children most accurate first up to what is left of their pooled capacity; what fits
/// nowhere spills over all in proportion to capacity.
/// </summary>
/// <remarks>A child whose planned batch would break the latency rule C5 on the parent's path is filled only when nothing else is there.</remarks>
/// <param name="tasks">Deployed variants without flows; their least times below are set.</param>
/// <param name="budgetUs">Longest processing time on any path, microseconds.</param>
internal sealed class AccurateFill(DeployedTasks tasks, double budgetUs)
{
    public RouteShares Run()
    {
        var shares = RouteShares.For(tasks.Graph);
        var root = tasks[0];
        shares.Root = Fill(tasks.ServedQps, root, _ => true, prefixAccuracy: 1, prefixUs: 0);
        foreach (var task in tasks.Graph.Tasks.Skip(1))
        {
            var children = tasks[task.Index];
            var arrivals = tasks.Arrivals(task);
            if (task.IsJoin)
                FillJoin(shares, task, arrivals);
            foreach (var (edge, parent, amount) in task.IsJoin ? [] : arrivals)
            {
                bool Fits(Deployed child) => parent.PrefixUs + child.LatencyUs + child.LeastPlannedBelowUs <= budgetUs;
                shares.Edges[edge.Index][parent.Variant] = Fill(amount, children, Fits, parent.MeanAccuracy, parent.PrefixUs);
            }

            foreach (var edge in task.Incoming)
                FillUndeployed(shares, edge, children);
        }

        return shares;
    }

    // One run answers all branches, after the slowest: its shares are the same whichever arrived last.
    private void FillJoin(RouteShares shares, PipelineTask task, List<(PipelineEdge Edge, Deployed Parent, double Qps)> arrivals)
    {
        var qps = arrivals.Sum(a => a.Qps);
        var slowestUs = arrivals.Where(a => a.Qps > 0).Select(a => a.Parent.PrefixUs).DefaultIfEmpty(0).Max();
        var accuracy = qps > 0 ? arrivals.Sum(a => a.Qps * a.Parent.MeanAccuracy) / qps : 1;
        var given = Fill(qps, tasks[task.Index], c => slowestUs + c.LatencyUs + c.LeastPlannedBelowUs <= budgetUs, accuracy, slowestUs);
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

        if (left > DeployedTasks.Slack * amount)
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

        return RouteShares.Normalised(given);
    }

    // A parent variant that is no longer deployed may still finish queries: its children follow the others.
    private static void FillUndeployed(RouteShares shares, PipelineEdge edge, Deployed[] children)
    {
        var overall = RouteShares.Normalised([.. children.Select(c => c.InflowQps > 0 ? c.InflowQps : c.CapacityQps * DeployedTasks.Slack)]);
        foreach (ref var row in shares.Edges[edge.Index].AsSpan())
            row ??= overall;
    }
}
