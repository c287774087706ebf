using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation;

/// <summary>Input of a simulation: a cluster, its traffic, and the policy or plan.</summary>
public sealed record SimulationProblem
{
    /// <summary>Pipelines, devices, profile and planning options. The first plan is made for its demand and fan-out; the control loop then
    /// replaces both by measurements.</summary>
    public required PlanningProblem Cluster { get; init; }

    /// <summary>Traffic to simulate.</summary>
    public required IArrivals Arrivals { get; init; }

    /// <summary>Policy that plans at the start and every control period; null = <see cref="Plan"/> stays.</summary>
    public IPlanningPolicy? Policy { get; init; }

    /// <summary>The plan at the start, loaded and warm; null = the policy makes it.</summary>
    public Plan? Plan { get; init; }

    /// <summary>Real mean of child queries per query, by pipeline; empty = as in <see cref="Cluster"/>.</summary>
    public ImmutableArray<FanOut> TrueFanOut { get; init; } = [];

    /// <summary>Recorded child counts by pipeline, used in place of draws from the means; a null entry = no record for that pipeline. Empty
    /// = no records.</summary>
    public ImmutableArray<ChildCounts?> Recorded { get; init; } = [];

    /// <summary>Real latencies, where they differ from the cluster's profile, which planning, routing and batching use; variants and
    /// devices that are missing are as profiled. Null = all are.</summary>
    public LatencyProfile? TrueProfile { get; init; }

    /// <summary>Makes one demand forecaster per pipeline; null = the embedded host's.</summary>
    public Func<IDemandForecaster>? Forecaster { get; init; }

    /// <summary>Slots that fail and recover.</summary>
    public ImmutableArray<SlotFailure> Failures { get; init; } = [];

    /// <summary>Behaviour of the cluster.</summary>
    public SimulationOptions Options { get; init; } = new();

    /// <summary>Receives each query as it ends, also those outside the measurement window; null = none.</summary>
    public QueryEnded? OnQuery { get; init; }

    /// <summary>Receives each decision about queries and items as it is made; null = none.</summary>
    internal Action<SimulatedDecision>? OnDecision { get; init; }
}
