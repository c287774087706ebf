using System.Collections.Immutable;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Bound that no policy can exceed on average on the traffic of a comparison: see
/// <see cref="Simulation.Bounds.ClairvoyantBound"/>, second by second.</summary>
/// <remarks>Attainment and accuracy over all queries have bounds of their own. Accuracy, servers and cost are those of the bound that serves most, then most accurately,
/// then at the least price: a policy that serves less may be more accurate, and one that is less accurate may take less.</remarks>
public sealed class ComparisonBound
{
    private readonly Dictionary<string, Estimate> _figures;

    internal ComparisonBound(ImmutableArray<BoundRun> runs)
    {
        Seconds = runs[0].Seconds;
        _figures = new(StringComparer.Ordinal)
        {
            [ComparisonMetrics.Attainment.Key] = Over(r => r.Attainment),
            [ComparisonMetrics.Accuracy.Key] = Over(r => r.Accuracy),
            [ComparisonMetrics.AccuracyOverAll.Key] = Over(r => r.AccuracyOverAll),
            [ComparisonMetrics.ServersMean.Key] = Over(r => r.Slots),
            [ComparisonMetrics.CostPerHour.Key] = Over(r => r.PricePerHour),
        };
        Estimate Over(Func<BoundRun, double> read) => new([.. runs.Select(read)]);
    }

    /// <summary>Metrics that have a bound.</summary>
    public static ImmutableArray<ComparisonMetric> Bounded { get; } =
    [
        ComparisonMetrics.Attainment, ComparisonMetrics.Accuracy, ComparisonMetrics.AccuracyOverAll, ComparisonMetrics.ServersMean, ComparisonMetrics.CostPerHour,
    ];

    /// <summary>Bound of each second with the first seed.</summary>
    public ImmutableArray<BoundSecond> Seconds { get; }

    /// <summary>Gets the bound of a figure over the seeds.</summary>
    /// <param name="metric">Figure, one of <see cref="Bounded"/>.</param>
    public Estimate this[ComparisonMetric metric]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(metric);
            return _figures[metric.Key];
        }
    }

    /// <summary>Computes a policy's share of the bound, 1 at the bound; for servers and cost the factor by which it takes more. NaN where
    /// the bound is 0.</summary>
    /// <param name="policy">Policy of the same comparison.</param>
    /// <param name="metric">Figure, one of <see cref="Bounded"/>.</param>
    public double Share(PolicyComparison policy, ComparisonMetric metric)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return this[metric].Mean is > 0 and var bound ? policy[metric].Mean / bound : double.NaN;
    }

    /// <summary>Computes all shares, by <see cref="ComparisonMetric.Key"/>.</summary>
    /// <param name="policy">Policy of the same comparison.</param>
    public IReadOnlyDictionary<string, double> Shares(PolicyComparison policy) =>
        Bounded.ToDictionary(static m => m.Key, m => Share(policy, m), StringComparer.Ordinal);
}

/// <summary>Bound in one second.</summary>
/// <param name="Served">Most queries that can be answered.</param>
/// <param name="Accuracy">Best mean accuracy while that many are answered, 0..1; NaN without any.</param>
/// <param name="Slots">Fewest slots, or those with the least price, for that.</param>
public readonly record struct BoundSecond(double Served, double Accuracy, double Slots);

/// <summary>Bound with one seed, warm-up left out.</summary>
internal sealed record BoundRun(double Attainment, double Accuracy, double AccuracyOverAll, double Slots, double PricePerHour, ImmutableArray<BoundSecond> Seconds);
