using System.Collections.Immutable;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Results of several policies on the same traffic.</summary>
public sealed record ComparisonResult
{
    /// <summary>Name of the scenario.</summary>
    public required string Scenario { get; init; }

    /// <summary>Name of the traffic.</summary>
    public required string Trace { get; init; }

    /// <summary>Names of the pipelines, in the order of the scenario.</summary>
    public required ImmutableArray<string> Pipelines { get; init; }

    /// <summary>Seeds that every policy was run with; the time course of the first is kept.</summary>
    public required ImmutableArray<ulong> Seeds { get; init; }

    /// <summary>Begin of the measurement window, from the start of the traffic.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>Slots of the cluster. More replicas than these may be loaded at a time: while a slot changes its variant the old one serves
    /// on, standby variants take none, and a slot may hold several.</summary>
    public int Slots { get; init; }

    /// <summary>Bound that no policy can exceed on this traffic; null where none is known: clients that wait for answers make traffic that
    /// depends on the policy, and with too many paths nothing is proven.</summary>
    public ComparisonBound? Bound { get; init; }

    /// <summary>One entry per policy, in the order asked for.</summary>
    public required ImmutableArray<PolicyComparison> Policies { get; init; }

    /// <summary>Lists the labels of the policies with the best mean of a figure, to six digits; empty where the figure has no better
    /// direction, no policy has a value, or all have the same.</summary>
    public ImmutableArray<string> Best(ComparisonMetric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        var known = Policies.Where(p => p.Refused is null && !double.IsNaN(p[metric].Mean)).ToArray();
        if (metric.Better == Better.Neither || known.Length < 2)
            return [];
        var best = metric.Better == Better.Higher ? known.Max(p => p[metric].Mean) : known.Min(p => p[metric].Mean);
        ImmutableArray<string> winners = [.. known.Where(p => Math.Abs(p[metric].Mean - best) <= 1e-6 * Math.Max(1e-3, Math.Abs(best))).Select(p => p.Label)];
        return winners.Length == known.Length ? [] : winners;
    }
}
