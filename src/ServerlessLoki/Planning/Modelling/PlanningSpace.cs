using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Choices that a plan may be composed of, without those that can never pay.</summary>
internal sealed class PlanningSpace
{
    private PlanningSpace(PlanningProblem problem, ImmutableArray<PipelineSpace> pipelines)
    {
        Problem = problem;
        Pipelines = pipelines;
        Candidates = [.. pipelines.SelectMany(p => p.Candidates).SelectMany(c => c)];
        Prefixes = [.. pipelines.SelectMany(p => p.Prefixes).SelectMany(p => p)];
    }

    public PlanningProblem Problem { get; }

    public ImmutableArray<PipelineSpace> Pipelines { get; }

    /// <summary>Candidates, indexed by <see cref="Candidate.Id"/>.</summary>
    public ImmutableArray<Candidate> Candidates { get; }

    /// <summary>Variant prefixes, indexed by <see cref="Prefix.Id"/>; parents before children.</summary>
    public ImmutableArray<Prefix> Prefixes { get; }

    /// <summary>Derives the space of a problem.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="allow">(pipeline, task, variant) → may be planned; null = all.</param>
    /// <param name="burstRows">[pipeline][task] rows above the mean that head-room must absorb: waits are then planned for every
    /// task instead of by the latency rule C5, which holds where this is null.</param>
    public static PlanningSpace Create(
        PlanningProblem problem, Func<int, int, int, bool>? allow = null, ImmutableArray<ImmutableArray<double>>? burstRows = null)
    {
        var builder = new PlanningSpaceBuilder(problem, allow ?? ((_, _, _) => true), burstRows);
        return new PlanningSpace(problem, builder.Build()) { BurstRows = burstRows, IsThinned = builder.IsThinned };
    }

    /// <summary>True where variants are left out only because there would be too many paths. A proof in this space is then no proof for the
    /// problem.</summary>
    public bool IsThinned { get; private init; }

    /// <summary>Rows above the mean that head-room must absorb, [pipeline][task]; null under the latency rule C5.</summary>
    public ImmutableArray<ImmutableArray<double>>? BurstRows { get; private init; }

    /// <summary>Returns the space with one variant per task: the most accurate choice whose paths fit the latency budget.</summary>
    public PlanningSpace MostAccurateOnly()
    {
        var chosen = Pipelines.Select(p => MostAccurate.Choose(p, Problem.Previous)).ToArray();
        return Create(Problem, (pipeline, task, variant) => chosen[pipeline][task] == variant, BurstRows).Marked(IsThinned);
    }

    /// <summary>Returns the space with one variant per task: the one with the most rows per second on one slot.</summary>
    public PlanningSpace FastestOnly()
    {
        var chosen = Pipelines
            .Select(p => p.Candidates.Select(c => c.IsEmpty ? -1 : c.MaxBy(x => x.Levels[0].SlotQps.Max())!.Variant).ToArray())
            .ToArray();
        return Create(Problem, (pipeline, task, variant) => chosen[pipeline][task] == variant, BurstRows).Marked(IsThinned);
    }

    private PlanningSpace Marked(bool isThinned) => new(Problem, Pipelines) { BurstRows = BurstRows, IsThinned = IsThinned || isThinned };

    /// <summary>Returns the space with some levels of some variants.</summary>
    /// <param name="levels">Candidate → levels to keep, by rising latency; none = leave the variant out.</param>
    public PlanningSpace With(Func<Candidate, ImmutableArray<LatencyLevel>> levels)
    {
        var (candidates, prefixes) = (0, 0);
        return new PlanningSpace(Problem, [.. Pipelines.Select(Reduced)]) { BurstRows = BurstRows, IsThinned = IsThinned };

        PipelineSpace Reduced(PipelineSpace pipeline)
        {
            var kept = new Dictionary<int, Candidate>();
            foreach (var candidate in pipeline.Candidates.SelectMany(c => c).Select(c => c with { Levels = levels(c) }).Where(c => !c.Levels.IsEmpty))
                kept[candidate.Id] = candidate with { Id = candidates++ };
            var inTask = pipeline.Candidates.Select(t => t.Where(c => kept.ContainsKey(c.Id)).Select(c => kept[c.Id]).ToImmutableArray()).ToImmutableArray();
            var below = new double[inTask.Length];
            foreach (var task in pipeline.Graph.Tasks.Reverse())
                below[task.Index] = task.Outgoing.Select(e => inTask[e.To].Select(c => c.MinUs).DefaultIfEmpty(0).Min() + below[e.To]).DefaultIfEmpty(0).Max();
            var renewed = new Dictionary<int, Prefix>();
            foreach (var prefix in pipeline.Prefixes.SelectMany(p => p))
            {
                if (!kept.TryGetValue(prefix.Last.Id, out var last) || (prefix.Parent is { } above && !renewed.ContainsKey(above.Id)))
                    continue;
                var copy = new Prefix(0, prefix.Parent is { } p ? renewed[p.Id] : null, last, prefix.Factor, prefix.Accuracy, prefix.Visit);
                if (copy.MinUs + below[last.Task] <= pipeline.BudgetUs)
                    renewed[prefix.Id] = copy with { Id = prefixes++ };
            }

            return pipeline with
            {
                Candidates = inTask,
                MinBelowUs = [.. below],
                Prefixes = [.. pipeline.Prefixes.Select(t => t.Where(p => renewed.ContainsKey(p.Id)).Select(p => renewed[p.Id]).ToImmutableArray())],
            };
        }
    }
}
