using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>One pipeline's part of a <see cref="PlanningSpace"/>.</summary>
/// <param name="Index">Pipeline index.</param>
/// <param name="Demand">Graph, demand and fan-out of the pipeline.</param>
/// <param name="BudgetUs">Longest processing time on any root-to-leaf path (C5), microseconds.</param>
/// <param name="Candidates">[task] variants that can be part of a path within the budget; all empty when no path fits.</param>
/// <param name="Prefixes">[task] variant prefixes within the budget.</param>
/// <param name="MinBelowUs">[task] least processing time strictly below.</param>
/// <param name="LeafWeights">[visit] weight of a leaf result's accuracy in a query's by the way to it, summing to 1; 0 for inner tasks.</param>
internal sealed record PipelineSpace(
    int Index,
    PipelineDemand Demand,
    double BudgetUs,
    ImmutableArray<ImmutableArray<Candidate>> Candidates,
    ImmutableArray<ImmutableArray<Prefix>> Prefixes,
    ImmutableArray<double> MinBelowUs,
    ImmutableArray<double> LeafWeights)
{
    public Pipeline Graph => Demand.Pipeline;

    /// <summary>False when no choice of variants meets the objective even without queueing.</summary>
    public bool CanServe => !Candidates[0].IsEmpty;

    /// <summary>Computes the largest load that a variant could get, rows per second.</summary>
    public double MaxLoadQps(Candidate candidate) =>
        Demand.DemandQps * Prefixes[candidate.Task].Where(p => p.Last.Id == candidate.Id).GroupBy(p => p.Visit).Sum(way => way.Max(p => p.Factor));
}
