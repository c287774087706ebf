using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Modelling.Clusters;

/// <summary>Search for the most valuable choice of one pipeline at given prices of slots, by full enumeration.</summary>
internal sealed class PipelinePricing
{
    private readonly PlanningSpace _space;
    private readonly PipelineSpace _pipeline;
    private readonly SlotPrices _prices;
    private readonly double _weight;
    private readonly ImmutableArray<ImmutableArray<Prefix>>[] _children;

    public PipelinePricing(PlanningSpace space, PipelineSpace pipeline, SlotPrices prices, double weight)
    {
        (_space, _pipeline, _prices, _weight) = (space, pipeline, prices, weight);
        _children = new ImmutableArray<ImmutableArray<Prefix>>[space.Prefixes.Length];
        foreach (var task in pipeline.Graph.Tasks)
        {
            var below = task.Outgoing.Select(e => pipeline.Prefixes[e.To].ToLookup(p => p.Parent!.Id)).ToArray();
            foreach (var prefix in pipeline.Prefixes[task.Index])
                _children[prefix.Id] = [.. below.Select(b => b[prefix.Id].ToImmutableArray())];
        }
    }

    /// <summary>Pipeline index.</summary>
    public int Pipeline => _pipeline.Index;

    /// <summary>Weight of the pipeline in the objective.</summary>
    public double Weight => _weight;

    /// <summary>Finds the best choice; null when no path fits.</summary>
    public PricedChoice? Best()
    {
        var parts = new List<(Candidate, int, int, double)>();
        var slots = new double[_space.Problem.Devices.Length];
        var accuracy = 0.0;
        return Take(_pipeline.Prefixes[0], _pipeline.BudgetUs, parts, slots, ref accuracy)
            ? new PricedChoice(_pipeline.Index, accuracy, slots, parts)
            : null;
    }

    /// <summary>Computes, for every level of every variant, the worth of the best choice that uses it, where that is at least
    /// <paramref name="least"/>.</summary>
    /// <param name="least">Least worth that is looked at.</param>
    /// <param name="worth">[candidate][level], raised in place.</param>
    public void Worth(double least, double[][] worth) => Worth(_pipeline.Prefixes[0], _pipeline.BudgetUs, 0, least, worth);

    // Elsewhere: what the rest of the pipeline adds at best.
    private void Worth(ImmutableArray<Prefix> among, double leftUs, double elsewhere, double least, double[][] worth)
    {
        foreach (var prefix in among)
        {
            var last = prefix.Last;
            foreach (var level in _prices.Levels(last))
            {
                var restUs = leftUs - last.Levels[level].LatencyUs;
                if (restUs < _pipeline.MinBelowUs[last.Task])
                    break;
                var own = elsewhere + Leaf(prefix) - (Rows(prefix) * _prices.Cost(last, level));
                var below = _children[prefix.Id].Select(c => Best(c, restUs).Worth).ToArray();
                var total = own + below.Sum();
                if (total < least)
                    continue;
                worth[last.Id][level] = Math.Max(worth[last.Id][level], total);
                for (var e = 0; e < below.Length; e++)
                    Worth(_children[prefix.Id][e], restUs, total - below[e], least, worth);
            }
        }
    }

    private bool Take(ImmutableArray<Prefix> among, double leftUs, List<(Candidate, int, int, double)> parts, double[] slots, ref double accuracy)
    {
        if (Best(among, leftUs) is not { Prefix: { } prefix } best)
            return false;
        var (device, taken) = (_prices.Device(prefix.Last, best.Level), Rows(prefix) * _prices.Slots(prefix.Last, best.Level));
        parts.Add((prefix.Last, best.Level, device, taken));
        slots[device] += taken;
        accuracy += Leaf(prefix);
        foreach (var children in _children[prefix.Id])
            Take(children, leftUs - prefix.Last.Levels[best.Level].LatencyUs, parts, slots, ref accuracy);
        return true;
    }

    private (double Worth, Prefix? Prefix, int Level) Best(ImmutableArray<Prefix> among, double leftUs)
    {
        var best = (Worth: double.NegativeInfinity, Prefix: (Prefix?)null, Level: -1);
        foreach (var prefix in among)
        {
            var last = prefix.Last;
            var belowUs = _pipeline.MinBelowUs[last.Task];
            foreach (var level in _prices.Levels(last))
            {
                var restUs = leftUs - last.Levels[level].LatencyUs;
                if (restUs < belowUs)
                    break;
                var worth = Leaf(prefix) - (Rows(prefix) * _prices.Cost(last, level));
                foreach (var children in _children[prefix.Id])
                    worth += Best(children, restUs).Worth;
                if (worth > best.Worth)
                    best = (worth, prefix, level);
            }
        }

        return best;
    }

    private double Rows(Prefix prefix) => _pipeline.Demand.DemandQps * prefix.Factor;

    private double Leaf(Prefix prefix) => _weight * _pipeline.LeafWeights[prefix.Visit] * prefix.Accuracy;
}
