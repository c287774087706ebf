using System.Collections.Immutable;
using ServerlessLoki.Scenarios;
using ServerlessLoki.Scenarios.Comparison;

namespace ServerlessLoki.Benchmarks.Reproduction.Rivals;

/// <summary>One experiment in which rivals meet <c>unified</c>, first as published, then at their best.</summary>
internal sealed record Experiment
{
    /// <summary>Unique name: set, a slash, and what is measured.</summary>
    public required string Name { get; init; }

    /// <summary>Cluster, traffic and policies as published.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>Traffic; null = the first.</summary>
    public string? Trace { get; init; }

    /// <summary>Policies whose best setting is searched, by label.</summary>
    public required ImmutableArray<string> Rivals { get; init; }

    /// <summary>Policies that are shown as published only, by label.</summary>
    public ImmutableArray<string> Others { get; init; } = [];

    /// <summary>What the experiment's system minimises beside: price or servers.</summary>
    public ComparisonMetric Cost { get; init; } = ComparisonMetrics.ServersMean;

    /// <summary>Name of the cost in tables.</summary>
    public string CostName { get; init; } = "servers";

    /// <summary>What one more of the cost is worth in accuracy, 0..1, by the published objective; 0 = accuracy first.</summary>
    public double CostWeight { get; init; }

    /// <summary>Part of the traffic on which settings are searched; null = all of it, with another seed.</summary>
    public TimeSpan? TrainingPart { get; init; }

    /// <summary>Seeds of the measured runs.</summary>
    public ImmutableArray<ulong> Seeds { get; init; } = [1, 2, 3, 4, 5];
}
