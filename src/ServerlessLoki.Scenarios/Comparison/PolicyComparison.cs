using System.Collections.Frozen;
using System.Collections.Immutable;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>What one policy did.</summary>
public sealed class PolicyComparison
{
    private readonly FrozenDictionary<string, Estimate> _figures;

    internal PolicyComparison(string label, string policy, string? refused, ImmutableArray<PolicyRun> runs, PolicyTimeline? timeline)
    {
        Label = label;
        Policy = policy;
        Refused = refused;
        Timeline = timeline;
        _figures = ComparisonMetrics.All.ToFrozenDictionary(m => m.Key, m => new Estimate([.. runs.Select(m.Read)]), StringComparer.Ordinal);
        Metrics = [.. runs.Select(r => r.Result.Total)];
        Pipelines = runs.IsEmpty ? [] : runs[0].Result.Pipelines;
    }

    /// <summary>Its label in the scenario; unique.</summary>
    public string Label { get; }

    /// <summary>Name of the policy.</summary>
    public string Policy { get; }

    /// <summary>Why it cannot plan this scenario at all; null when it can. Then it has no figures.</summary>
    public string? Refused { get; }

    /// <summary>Its course under the first seed; null when it refused.</summary>
    public PolicyTimeline? Timeline { get; }

    /// <summary>All pipelines together, by seed.</summary>
    public ImmutableArray<SimulationMetrics> Metrics { get; }

    /// <summary>Each pipeline alone, under the first seed.</summary>
    public ImmutableArray<SimulationMetrics> Pipelines { get; }

    /// <summary>A figure over the seeds.</summary>
    /// <param name="metric">One of <see cref="ComparisonMetrics.All"/>.</param>
    public Estimate this[ComparisonMetric metric]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(metric);
            return _figures[metric.Key];
        }
    }
}
