using ServerlessLoki.Benchmarks.Reproduction.Rivals;
using ServerlessLoki.Planning;
using ServerlessLoki.Scenarios.Comparison;
using static ServerlessLoki.Benchmarks.Reproduction.ReproductionReport;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>InfAdapter (evaluation): one classifier in five sizes on 20 cores, two workloads.</summary>
internal sealed class InfAdapterReproduction : IReproduction
{
    public string Name => "infadapter";

    public bool NeedsData => true;

    public IEnumerable<Experiment> Experiments()
    {
        var scenario = ReproductionData.Import(Name);
        return scenario.Traces.Select(t => new Experiment
        {
            Name = $"infadapter/{t.Name}", Scenario = scenario, Trace = t.Name, Rivals = [PlanningPolicies.InfAdapter],
            Others = [PlanningPolicies.ModelSwitching, "vpa-18", "vpa-34", "vpa-50", "vpa-101", "vpa-152"], CostName = "cores",
            // Its weight: all twenty cores are worth 0.05 of accuracy.
            CostWeight = 0.05 / 20,
        });
    }

    public void Run(ReproductionReport report, Func<string, bool> wanted)
    {
        var claims = new List<Claim>();
        foreach (var experiment in Experiments().Where(e => wanted(e.Name)))
        {
            var result = ExperimentRun.Run(experiment);
            report.Line($"{experiment.Trace}: Poisson arrivals of the recorded rates, {result.Seeds.Length} seeds, objective 750 ms, the first two minutes not counted. `unified` with InfAdapter's weights; it decides every second, the published others every 30.");
            report.Policies(result, experiment.CostName, experiment.Cost);
            claims.AddRange(Claims(experiment.Trace!, result));
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
    }

    private static double Violation(PolicyComparison policy) => policy[ComparisonMetrics.Violation].Mean;

    private static double Cores(PolicyComparison policy) => policy[ComparisonMetrics.ServersMean].Mean;

    private static double Accuracy(PolicyComparison policy) => policy[ComparisonMetrics.Accuracy].Mean;
}
