using System.Collections.Immutable;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Options of a comparison.</summary>
public sealed record ComparisonOptions
{
    /// <summary>Name of the scenario's traffic; null = its first.</summary>
    public string? Trace { get; init; }

    /// <summary>Seeds of the runs; empty = the scenario's.</summary>
    public ImmutableArray<ulong> Seeds { get; init; } = [];

    /// <summary>Most runs at the same time; at least 1, null = one per core. Results do not depend on it; plan times do.</summary>
    public int? Threads { get; init; }

    /// <summary>True = also the clairvoyant bound, which takes as long as a policy or two. Default true.</summary>
    public bool Bound { get; init; } = true;

    /// <summary>Clock that measures plan times; null = not measured. Plans never depend on it: their solver is limited by nodes, not by
    /// time.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Makes the solver of each run; null = <see cref="BranchAndBoundSolver"/>.</summary>
    public Func<ISolver>? Solver { get; init; }
}
