using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Scenarios.Comparison;
using static ServerlessLoki.Benchmarks.Reproduction.ReproductionReport;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>Loki's claims, for the policies as published, at their best, and <c>unified</c>.</summary>
internal static class LokiClaims
{
    public static IEnumerable<Claim> Of(IReadOnlyList<LokiRate> rates, ImmutableArray<string> policies, ComparisonResult day)
    {
        var hardware = Capacity(rates, policies, PlanningPolicies.HardwareOnly);
        foreach (var policy in policies.Where(p => !p.StartsWith(PlanningPolicies.HardwareOnly, StringComparison.Ordinal)))
        {
            var at = policies.IndexOf(policy);
            var qps = Most(rates, at);
            var ratio = qps / hardware;
            yield return new Claim($"effective capacity of accuracy scaling over hardware scaling at its best (`{policy}`)", "> 2.7", Number(ratio), ratio >= 2.7);
            var (most, mostHardware) = (rates.Max(r => r.Goodput(at)), rates.Max(r => r.Goodput(policies.IndexOf(PlanningPolicies.HardwareOnly))));
            yield return new Claim($"most queries in time per second, `{policy}` over `hardware-only`, whatever is violated", "> 2.7", $"{Number(most / mostHardware)} ({Number(most)} / {Number(mostHardware)})", most >= 2.7 * mostHardware);
        }

        foreach (var other in (string[])[PlanningPolicies.HardwareOnly, PlanningPolicies.Proteus])
        {
            // Like with like: both as published, or both at their best.
            yield return Fewer(Published(day, PlanningPolicies.Loki), Published(day, other), day);
            if (Best(day, PlanningPolicies.Loki) is { } loki && Best(day, other) is { } best)
            {
                yield return Fewer(loki, best, day);
                yield return Fewer(PlanningPolicies.Unified, best, day);
            }
        }

        var servers = Mean(day, PlanningPolicies.Proteus, ComparisonMetrics.ServersMean) / Mean(day, PlanningPolicies.Loki, ComparisonMetrics.ServersMean);
        yield return new Claim("servers of `proteus` over those of `loki` (published for off-peak hours)", "up to 2.67", Number(servers), servers > 1);
    }

    private static double Capacity(IReadOnlyList<LokiRate> rates, ImmutableArray<string> policies, string policy) =>
        policies.Select((p, i) => (p, i)).Where(x => x.p.StartsWith(policy, StringComparison.Ordinal)).Max(x => Most(rates, x.i));

    private static double Most(IReadOnlyList<LokiRate> rates, int policy) => LokiRate.Held(rates, policy) is [.., var last] ? last.Qps : 0;

    private static string Published(ComparisonResult day, string policy) => day.Policies.First(p => p.Label == policy).Label;

    private static string? Best(ComparisonResult day, string policy) => day.Policies.FirstOrDefault(p => p.Policy == policy && p.Label != policy)?.Label;

    private static Claim Fewer(string policy, string other, ComparisonResult day)
    {
        var (ours, theirs) = (Mean(day, policy, ComparisonMetrics.Violation), Mean(day, other, ComparisonMetrics.Violation));
        return new Claim(
            $"violations of `{other}` over those of `{policy}`, 50 to 425 queries/s", "up to 10",
            ours == 0 ? "none against " + Percent(theirs) : $"{Number(theirs / ours)} ({Percent(theirs)} / {Percent(ours)})", theirs > ours);
    }

    private static double Mean(ComparisonResult day, string label, ComparisonMetric metric) => day.Policies.First(p => p.Label == label)[metric].Mean;
}
