using ServerlessLoki.Benchmarks.Reproduction.Rivals;
using ServerlessLoki.Scenarios.Comparison;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>Loki's cluster at one constant rate.</summary>
/// <param name="Qps">Queries per second.</param>
/// <param name="Result">The policies.</param>
internal sealed record LokiRate(double Qps, ComparisonResult Result)
{
    public double Violation(int policy) => Result.Policies[policy][ComparisonMetrics.Violation].Mean;

    public double Accuracy(int policy) => Result.Policies[policy][ComparisonMetrics.Accuracy].Mean;

    public double Goodput(int policy) => Result.Policies[policy][ComparisonMetrics.Goodput].Mean;

    /// <summary>Rates at which a policy violates no more than is allowed; not only those below the first that it violates.</summary>
    public static IReadOnlyList<LokiRate> Held(IEnumerable<LokiRate> rates, int policy) => [.. rates.Where(r => r.Violation(policy) <= SettingSearch.Allowed)];
}
