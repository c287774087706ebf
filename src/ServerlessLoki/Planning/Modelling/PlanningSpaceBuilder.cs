using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Derives candidates, latency levels and prefixes, leaving out what no plan within the latency rule can use.</summary>
internal sealed class PlanningSpaceBuilder
{
    private readonly PlanningProblem _problem;
    private readonly Func<int, int, int, bool> _allow;
    private int _candidates;
    private int _prefixes;

    private readonly ImmutableArray<ImmutableArray<double>>? _burstRows;

    /// <summary>True where variants were left out only because there would be too many paths.</summary>
    public bool IsThinned { get; private set; }

    public PlanningSpaceBuilder(PlanningProblem problem, Func<int, int, int, bool> allow, ImmutableArray<ImmutableArray<double>>? burstRows)
    {
        _problem = problem;
        _allow = allow;
        _burstRows = burstRows;
    }

    public ImmutableArray<PipelineSpace> Build() => [.. _problem.Pipelines.Select(Build)];

    // Where no path leaves time to wait, late plans are better than none: the latency rule then is that of the papers.
    private PipelineSpace Build(PipelineDemand demand, int index)
    {
        if (_burstRows is { } rows && Build(demand, index, new WaitLevels(_problem, demand, rows[index])) is { } waiting)
            return waiting;
        return Build(demand, index, null) ?? Nothing(demand, index);
    }

    private PipelineSpace? Build(PipelineDemand demand, int index, WaitLevels? waits)
    {
        var graph = demand.Pipeline;
        var all = graph.Tasks.Select(t => t.Variants.Where(v => _allow(index, t.Index, v.Index))
            .Select(v => (Variant: v, Levels: waits?.Of(t.Index, v) ?? Levels(v)))
            .Where(x => !x.Levels.IsEmpty).ToList()).ToList();
        if (all.Exists(t => t.Count == 0))
            return null;

        var least = all.Select(t => t.Min(x => x.Levels[0].LatencyUs)).ToArray();
        var below = Below(graph, least);
        var above = Above(graph, least);
        if ((waits is null ? BudgetUs(graph, below[0] + least[0]) : waits.BudgetUs(below[0] + least[0])) is not { } budget)
            return null;

        var within = all.Select((task, t) => task
            .Select(x => (x.Variant, Levels: x.Levels.Where(l => above[t] + l.LatencyUs + below[t] <= budget).ToImmutableArray()))
            .Where(x => !x.Levels.IsEmpty).ToList()).ToArray();
        IsThinned |= PathLimit.Thin(graph, within);
        var candidates = within.Select((task, t) => task
            .Select(x => new Candidate(_candidates++, index, t, x.Variant.Index, x.Variant.Name, x.Variant.Accuracy, x.Levels) { Cores = Cores(x.Variant) })
            .ToImmutableArray()).ToImmutableArray();
        var prefixes = Prefixes(demand, candidates, below, budget);
        var space = new PipelineSpace(index, demand, budget, candidates, prefixes, [.. below], LeafWeights.Of(demand));
        return WithoutUselessLevels(space);
    }

    private int? Cores(Variant variant) =>
        _problem.Cores?.CoresPerReplica.TryGetValue(variant.Name, out var cores) == true ? cores : null;

    private static PipelineSpace Nothing(PipelineDemand demand, int index)
    {
        var tasks = demand.Pipeline.Tasks.Length;
        return new PipelineSpace(
            index, demand, 0, [.. Enumerable.Repeat(ImmutableArray<Candidate>.Empty, tasks)],
            [.. Enumerable.Repeat(ImmutableArray<Prefix>.Empty, tasks)], [.. new double[tasks]], LeafWeights.Of(demand));
    }

    // C5: processing may take its share of the objective; where even the fastest path takes more, all of the objective,
    // since late plans are better than none; beyond that nothing can be in time.
    private double? BudgetUs(Pipeline graph, double leastUs)
    {
        var share = graph.SloUs * _problem.Options.ProcessingShare * (1 + 1e-9);
        return leastUs <= share ? share : leastUs <= graph.SloUs ? graph.SloUs : null;
    }

    private ImmutableArray<LatencyLevel> Levels(Variant variant)
    {
        var profiles = _problem.Devices.Select(d => d.Slots > 0 ? _problem.Profile.Find(variant.Name, d.Name) : null).ToArray();
        var max = _problem.Options.MaxBatch ?? int.MaxValue;
        var latencies = profiles.Where(p => p is not null)
            .SelectMany(p => p!.Batches.ToArray().Where(b => b <= max).Select(p.LatencyUs))
            .Distinct().Order();
        var levels = ImmutableArray.CreateBuilder<LatencyLevel>();
        foreach (var latency in latencies)
        {
            var level = LatencyLevel.Within(_problem, profiles, latency);
            if (levels.Count == 0 || level.SlotQps.Where((q, d) => q > levels[^1].SlotQps[d]).Any())
                levels.Add(level);
        }

        return levels.ToImmutable();
    }

    private static double[] Below(Pipeline graph, double[] least)
    {
        var below = new double[least.Length];
        foreach (var task in graph.Tasks.Reverse())
            below[task.Index] = task.Outgoing.Select(e => least[e.To] + below[e.To]).DefaultIfEmpty(0).Max();
        return below;
    }

    private static double[] Above(Pipeline graph, double[] least)
    {
        var above = new double[least.Length];
        foreach (var edge in graph.Tasks.SelectMany(t => t.Outgoing))
            above[edge.To] = Math.Max(above[edge.To], above[edge.From] + least[edge.From]);
        return above;
    }

    private ImmutableArray<ImmutableArray<Prefix>> Prefixes(
        PipelineDemand demand, ImmutableArray<ImmutableArray<Candidate>> candidates, double[] below, double budget)
    {
        var graph = demand.Pipeline;
        var ways = new List<Prefix>[graph.Visits.Length];
        foreach (var visit in graph.Visits)
        {
            var found = ways[visit.Index] = [];
            if (visit.Parent is not { } above)
            {
                foreach (var candidate in candidates[visit.Task])
                    found.Add(new Prefix(_prefixes++, null, candidate, 1, candidate.Accuracy, visit.Index));
                continue;
            }

            foreach (var parent in ways[above.Index])
            {
                var factor = Factor(demand, visit, parent);
                foreach (var candidate in candidates[visit.Task])
                {
                    if (parent.MinUs + candidate.MinUs + below[visit.Task] <= budget)
                        found.Add(new Prefix(_prefixes++, parent, candidate, factor, parent.Accuracy * candidate.Accuracy, visit.Index));
                }
            }
        }

        return [.. graph.Tasks.Select(t => graph.Visits.Where(v => v.Task == t.Index).SelectMany(v => ways[v.Index]).ToImmutableArray())];
    }

    private double Factor(PipelineDemand demand, TaskVisit visit, Prefix parent)
    {
        if (demand.Pipeline.Tasks[visit.Task].IsJoin)
        {
            var variants = parent.Upward().ToDictionary(c => c.Task, c => c.Variant);
            return VisitRows.On(demand, visit, task => variants[task], _problem.Options.FanOutHeadroom);
        }

        return parent.Factor * demand.FanOut[visit.Edge, parent.Last.Variant] * _problem.Options.FanOutHeadroom;
    }

    // A slower level only buys throughput; once a single slot of any device carries all the variant could get, more is useless.
    private PipelineSpace WithoutUselessLevels(PipelineSpace space)
    {
        var kept = new Dictionary<int, Candidate>();
        foreach (var candidate in space.Candidates.SelectMany(c => c))
        {
            var load = space.MaxLoadQps(candidate) / _problem.Options.Utilization;
            var last = 0;
            while (last < candidate.Levels.Length - 1 && !Carries(candidate.Levels, last, load, _problem.Options.Utilization))
                last++;
            kept[candidate.Id] = candidate with { Levels = candidate.Levels[..(last + 1)] };
        }

        var renewed = new Dictionary<int, Prefix>();
        foreach (var prefix in space.Prefixes.SelectMany(p => p))
            renewed[prefix.Id] = prefix with { Parent = prefix.Parent is { } p ? renewed[p.Id] : null, Last = kept[prefix.Last.Id] };
        return space with
        {
            Candidates = [.. space.Candidates.Select(c => c.Select(x => kept[x.Id]).ToImmutableArray())],
            Prefixes = [.. space.Prefixes.Select(p => p.Select(x => renewed[x.Id]).ToImmutableArray())],
        };
    }

    // A later level may leave devices out, and with planned waits it may need fewer replicas.
    private static bool Carries(ImmutableArray<LatencyLevel> levels, int chosen, double load, double utilization)
    {
        var level = levels[chosen];
        if (level.LeastReplicas > 1)
            return false;
        for (var d = 0; d < level.SlotQps.Length; d++)
        {
            if (level.SlotQps[d] >= load + (level.ReserveQps / utilization))
                continue;
            for (var k = chosen + 1; k < levels.Length; k++)
            {
                if (levels[k].SlotQps[d] > 0)
                    return false;
            }
        }

        return true;
    }
}
