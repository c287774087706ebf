using System.Collections.Immutable;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>How a comparison is run.</summary>
public sealed record ComparisonOptions
{
    /// <summary>Traffic of the scenario by name; null = its first.</summary>
    public string? Trace { get; init; }

    /// <summary>Seeds; empty = the scenario's.</summary>
    public ImmutableArray<ulong> Seeds { get; init; } = [];

    /// <summary>Runs at the same time; at least 1, null = one per core. The result does not depend on it, plan times do.</summary>
    public int? Threads { get; init; }

    /// <summary>Measures how long plans take; null = nobody does. Plans never depend on it: their solver is limited by nodes, not by time.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Makes the solver of each run; null = <see cref="BranchAndBoundSolver"/>.</summary>
    public Func<ISolver>? Solver { get; init; }
}
