using System.Collections.Immutable;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Serving.Distributed.Planner;

/// <summary>Result of one step of the planner.</summary>
/// <param name="Result">Outcome of the step.</param>
/// <param name="Plan">Plan in force after the step, as far as this planner knows; null when there is none.</param>
/// <param name="DemandQps">Demand that was planned for, by pipeline, queries per second.</param>
/// <param name="Slots">Slots of live workers, by device type.</param>
public sealed record PlannerStep(
    PlannerResult Result, Plan? Plan, ImmutableArray<double> DemandQps, ImmutableSortedDictionary<string, int> Slots)
{
    /// <summary>False without recent demand: the next step may then wait.</summary>
    public bool HasDemand { get; init; }
}

/// <summary>Outcome of a planner's step.</summary>
public enum PlannerResult
{
    /// <summary>A new plan is published.</summary>
    Published,

    /// <summary>The plan in force stays.</summary>
    Kept,

    /// <summary>Another planner published in between; this step published nothing.</summary>
    Lost,

    /// <summary>No worker is alive: there are no slots to plan with, and slots were requested.</summary>
    NoSlots,

    /// <summary>No pipeline has latencies for all of its tasks: planning must wait until a worker has measured them.</summary>
    NoProfile,
}
