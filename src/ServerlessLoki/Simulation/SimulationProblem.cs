using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation;

/// <summary>What to simulate: a cluster, its traffic, and who decides.</summary>
public sealed record SimulationProblem
{
    /// <summary>Pipelines, devices, profile and planning options. Its demand is what the first plan is made for, its fan-out what
    /// is believed before anything was measured; the control loop then replaces both by what it sees.</summary>
    public required PlanningProblem Cluster { get; init; }

    /// <summary>The traffic.</summary>
    public required IArrivals Arrivals { get; init; }

    /// <summary>Plans at the start and every control period; null = <see cref="Plan"/> stays.</summary>
    public IPlanningPolicy? Policy { get; init; }

    /// <summary>The plan at the start, loaded and warm; null = the policy makes it.</summary>
    public Plan? Plan { get; init; }

    /// <summary>Child queries per query as they really are, by pipeline; empty = as in <see cref="Cluster"/>.</summary>
    public ImmutableArray<FanOut> TrueFanOut { get; init; } = [];

    /// <summary>Recorded child counts, by pipeline, in place of draws from the means; null entries have none. Empty = none at all.</summary>
    public ImmutableArray<ChildCounts?> Recorded { get; init; } = [];

    /// <summary>Latencies as they really are, where they differ from the cluster's profile, which planning, routing and batching
    /// believe; variants and devices that it lacks are as profiled. Null = all are.</summary>
    public LatencyProfile? TrueProfile { get; init; }

    /// <summary>Makes one demand forecaster per pipeline; null = the embedded host's.</summary>
    public Func<IDemandForecaster>? Forecaster { get; init; }

    /// <summary>Slots that die and come back.</summary>
    public ImmutableArray<SlotFailure> Failures { get; init; } = [];

    /// <summary>How the cluster behaves.</summary>
    public SimulationOptions Options { get; init; } = new();

    /// <summary>Takes each query as it ends, also those outside the measurement window; null = nobody.</summary>
    public QueryEnded? OnQuery { get; init; }

    /// <summary>Takes each decision about queries and items as it falls; null = nobody.</summary>
    internal Action<SimulatedDecision>? OnDecision { get; init; }
}
