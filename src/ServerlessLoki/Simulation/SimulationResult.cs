using System.Collections.Immutable;

namespace ServerlessLoki.Simulation;

/// <summary>Result of a simulation.</summary>
public sealed record SimulationResult
{
    /// <summary>Metrics of all pipelines together.</summary>
    public required SimulationMetrics Total { get; init; }

    /// <summary>Metrics of each pipeline.</summary>
    public required ImmutableArray<SimulationMetrics> Pipelines { get; init; }

    /// <summary>Least mean accuracy over 10-s bins of the measurement window, by time of the answer, 0..1; NaN without answers.</summary>
    public required double WorstAccuracy { get; init; }

    /// <summary>Samples second by second from time 0, warm-up and draining included.</summary>
    public required ImmutableArray<SecondSample> Seconds { get; init; }

    /// <summary>Totals of each variant that served or lost a row; stage-level ratios of the artifacts (Loki, metrics) derive from
    /// it.</summary>
    public required ImmutableArray<StageSample> Stages { get; init; }

    /// <summary>Plans in the order in which they came into force, the first at 0. They tell the slots by variant over time.</summary>
    public required ImmutableArray<PlanSwitch> Plans { get; init; }

    /// <summary>Time mean of occupied slots, draining and loading ones included.</summary>
    public required double ServersUsed { get; init; }

    /// <summary>Slots that loaded a variant after the start.</summary>
    public required int Swaps { get; init; }

    /// <summary>Cost of the occupied slots over the measurement window.</summary>
    public required double Cost { get; init; }

    /// <summary>Share of the time in which each device type's compute threads were busy, 0..1.</summary>
    public required ImmutableArray<double> Utilization { get; init; }

    /// <summary>Time mean of queries admitted and not ended.</summary>
    public required double MeanInFlight { get; init; }

    /// <summary>Most queries that were in flight at once; bounds the memory used.</summary>
    public required int MaxInFlight { get; init; }

    /// <summary>Length of the measurement window, microseconds: from the end of the warm-up to the end of the traffic.</summary>
    public required long WindowUs { get; init; }

    /// <summary>Events processed: arrivals, rows that reach a later queue, ends of batches, wake-ups, control steps, failures.</summary>
    public required long Events { get; init; }
}
