using ServerlessLoki.Planning;
using ServerlessLoki.Scenarios.Comparison;
using static ServerlessLoki.Benchmarks.Reproduction.ReproductionReport;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>InfAdapter (evaluation): one classifier in five sizes on 20 cores, two workloads.</summary>
internal sealed class InfAdapterReproduction : IReproduction
{
    private static readonly string[] Policies =
        [PlanningPolicies.InfAdapter, PlanningPolicies.ModelSwitching, "vpa-18", "vpa-34", "vpa-50", "vpa-101", "vpa-152", PlanningPolicies.Unified];

    public string Name => "infadapter";

    public bool NeedsData => true;

    public void Run(ReproductionReport report)
    {
        var scenario = ReproductionData.Import(Name);
        var claims = new List<Claim>();
        foreach (var trace in scenario.Traces)
        {
            var result = Compare(scenario, Policies, trace.Name, seeds: 5);
            report.Line($"{trace.Name}: Poisson arrivals of the recorded rates, {result.Seeds.Length} seeds, objective 750 ms, the first two minutes not counted. `unified` with InfAdapter's weights; it decides every second, the others every 30.");
            report.Policies(result, "cores", ComparisonMetrics.ServersMean);
            claims.AddRange(Claims(trace.Name, result));
        }

        report.Claims(claims);
    }

    private static IEnumerable<Claim> Claims(string trace, ComparisonResult result)
    {
        var by = result.Policies.ToDictionary(p => p.Label, StringComparer.Ordinal);
        var own = by[PlanningPolicies.InfAdapter];
        // The paper sets itself against the run whose accuracy comes nearest, and against the dear ones.
        var vpa = by["vpa-152"];
        var (fewer, cheaper) = (1 - (Violation(own) / Violation(vpa)), 1 - (Cores(own) / Cores(vpa)));
        yield return new Claim($"{trace}: violations of `infadapter` below those of VPA with the most accurate variant", "up to 65 %", $"{Percent(fewer)} ({Percent(Violation(own))} / {Percent(Violation(vpa))})", fewer > 0);
        yield return new Claim($"{trace}: its cost below that of the same", "up to 33 %", $"{Percent(cheaper)} ({Number(Cores(own))} / {Number(Cores(vpa))} cores)", cheaper > 0);
        var single = by[PlanningPolicies.ModelSwitching];
        yield return new Claim(
            $"{trace}: accuracy of `infadapter` and of `model-switching`", "higher with a set of variants", $"{Points(Accuracy(own))} / {Points(Accuracy(single))} for {Number(Cores(own))} / {Number(Cores(single))} cores", Accuracy(own) >= Accuracy(single));
        var unified = by[PlanningPolicies.Unified];
        yield return new Claim(
            $"{trace}: `unified` against `infadapter` in violations, accuracy, cores", "no worse (target)",
            $"{Percent(Violation(unified))} / {Percent(Violation(own))}, {Points(Accuracy(unified))} / {Points(Accuracy(own))}, {Number(Cores(unified))} / {Number(Cores(own))}",
            Violation(unified) <= Violation(own) && Accuracy(unified) >= Accuracy(own) && Cores(unified) <= Cores(own));
    }

    private static double Violation(PolicyComparison policy) => policy[ComparisonMetrics.Violation].Mean;

    private static double Cores(PolicyComparison policy) => policy[ComparisonMetrics.ServersMean].Mean;

    private static double Accuracy(PolicyComparison policy) => policy[ComparisonMetrics.Accuracy].Mean;
}
