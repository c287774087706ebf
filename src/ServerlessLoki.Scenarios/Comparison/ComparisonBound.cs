using System.Collections.Immutable;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>What nobody can exceed in the mean on the traffic of a comparison: see <see cref="Simulation.Bounds.ClairvoyantBound"/>, second by second.</summary>
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

    /// <summary>Its course with the first seed.</summary>
    public ImmutableArray<BoundSecond> Seconds { get; }

    /// <summary>The bound of a figure over the seeds.</summary>
    /// <param name="metric">One of <see cref="Bounded"/>.</param>
    public Estimate this[ComparisonMetric metric]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(metric);
            return _figures[metric.Key];
        }
    }

    /// <summary>What a policy reaches of the bound, 1 at the bound; of servers and cost how many times as much it takes. NaN where the bound is 0.</summary>
    /// <param name="policy">A policy of the same comparison.</param>
    /// <param name="metric">One of <see cref="Bounded"/>.</param>
    public double Share(PolicyComparison policy, ComparisonMetric metric)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return this[metric].Mean is > 0 and var bound ? policy[metric].Mean / bound : double.NaN;
    }

    /// <summary>All of them by <see cref="ComparisonMetric.Key"/>.</summary>
    /// <param name="policy">A policy of the same comparison.</param>
    public IReadOnlyDictionary<string, double> Shares(PolicyComparison policy) =>
        Bounded.ToDictionary(static m => m.Key, m => Share(policy, m), StringComparer.Ordinal);
}

/// <summary>The bound in one second.</summary>
/// <param name="Served">Most queries that can be answered.</param>
/// <param name="Accuracy">Best mean accuracy of as many; NaN without any.</param>
/// <param name="Slots">Fewest slots, or those with the least price, that do it.</param>
public readonly record struct BoundSecond(double Served, double Accuracy, double Slots);

/// <summary>The bound with one seed, warm-up left out.</summary>
internal sealed record BoundRun(double Attainment, double Accuracy, double AccuracyOverAll, double Slots, double PricePerHour, ImmutableArray<BoundSecond> Seconds);
