using System.Collections.Frozen;
using System.Collections.Immutable;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Results of one policy.</summary>
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

    /// <summary>Label of the policy in the scenario; unique.</summary>
    public string Label { get; }

    /// <summary>Name of the policy.</summary>
    public string Policy { get; }

    /// <summary>Reason why the policy cannot plan this scenario at all; null when it can. A refused policy has no figures.</summary>
    public string? Refused { get; }

    /// <summary>Time course under the first seed; null when the policy refused.</summary>
    public PolicyTimeline? Timeline { get; }

    /// <summary>Metrics of all pipelines together, by seed.</summary>
    public ImmutableArray<SimulationMetrics> Metrics { get; }

    /// <summary>Metrics of each pipeline, under the first seed.</summary>
    public ImmutableArray<SimulationMetrics> Pipelines { get; }

    /// <summary>Gets a figure over the seeds.</summary>
    /// <param name="metric">Figure, one of <see cref="ComparisonMetrics.All"/>.</param>
    public Estimate this[ComparisonMetric metric]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(metric);
            return _figures[metric.Key];
        }
    }
}
