using System.Collections.Immutable;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Serving.Distributed.Planner;

/// <summary>What one step of the planner came to.</summary>
/// <param name="Result">The end of it.</param>
/// <param name="Plan">The plan in force after it, as far as this planner knows; null when there is none.</param>
/// <param name="DemandQps">Demand that was planned for, by pipeline.</param>
/// <param name="Slots">Slots that live, by device type.</param>
public sealed record PlannerStep(
    PlannerResult Result, Plan? Plan, ImmutableArray<double> DemandQps, ImmutableSortedDictionary<string, int> Slots)
{
    /// <summary>False if nobody asked anything lately: then the next step may wait.</summary>
    public bool HasDemand { get; init; }
}

/// <summary>How a step ended.</summary>
public enum PlannerResult
{
    /// <summary>A new plan is published.</summary>
    Published,

    /// <summary>The plan in force goes on.</summary>
    Kept,

    /// <summary>Another planner published in between; nothing of this step was.</summary>
    Lost,

    /// <summary>No worker lives: there is nothing to plan with, and slots were asked for.</summary>
    NoSlots,

    /// <summary>No pipeline has latencies for all of its tasks: there is nothing to plan with until a worker has measured them.</summary>
    NoProfile,
}
