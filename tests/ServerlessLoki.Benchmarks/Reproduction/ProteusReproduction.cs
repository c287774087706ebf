using ServerlessLoki.Benchmarks.Reproduction.Rivals;
using ServerlessLoki.Planning;
using ServerlessLoki.Scenarios.Comparison;
using static ServerlessLoki.Benchmarks.Reproduction.ReproductionReport;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>Proteus (evaluation): nine families, 40 devices, the recorded trace.</summary>
internal sealed class ProteusReproduction : IReproduction
{
    // The results of Proteus' artifact: the artifact itself on the same trace; violation at 300 ms strict, accuracy.
    private static readonly (string Policy, double Violation, double Accuracy)[] Artifact =
    [
        (PlanningPolicies.ClipperHt, 0.353, 80.53), (PlanningPolicies.ClipperHa, 0.594, 99.90), (PlanningPolicies.Infaas, 0.630, 92.77),
        (PlanningPolicies.Sommelier, 0.238, 96.49), (PlanningPolicies.Proteus, 0.306, 98.91),
    ];

    public string Name => "proteus";

    public bool NeedsData => true;

    public IEnumerable<Experiment> Experiments() =>
    [
        new()
        {
            Name = "proteus", Scenario = ReproductionData.Import(Name), Rivals = [PlanningPolicies.Proteus],
            Others = [.. Artifact.Select(a => a.Policy).Where(p => p != PlanningPolicies.Proteus)], CostName = "devices", TrainingPart = TimeSpan.FromSeconds(100),
        },
    ];

    public void Run(ReproductionReport report, Func<string, bool> wanted)
    {
        var result = ExperimentRun.Run(Experiments().Single());
        report.Line($"112,861 recorded arrivals of nine families in 292 s on 20 + 10 + 10 devices, objective 300 ms, strict: whatever is not answered within it is violated. {result.Seeds.Length} seeds; arrivals are the same in each. The setting was searched on the first 100 s.");
        report.Policies(result, "devices", ComparisonMetrics.ServersMean);
        report.Line("The published artifact on the same trace (Proteus, results of its artifact), counted in the same strict way:");
        report.Table(
            ["policy", "artifact: violated", "here", "artifact: accuracy", "here"],
            Artifact.Select(IReadOnlyList<string> (a) =>
                [a.Policy, Percent(a.Violation), Percent(Of(result, a.Policy)[ComparisonMetrics.Violation].Mean), Number(a.Accuracy), Points(Of(result, a.Policy)[ComparisonMetrics.Accuracy].Mean)]));
        report.Claims(Claims(result));
    }

    private static IEnumerable<Claim> Claims(ComparisonResult result)
    {
        var violation = result.Policies.ToDictionary(p => p.Label, p => p[ComparisonMetrics.Violation].Mean, StringComparer.Ordinal);
        var accuracy = result.Policies.ToDictionary(p => p.Label, p => 100 * p[ComparisonMetrics.Accuracy].Mean, StringComparer.Ordinal);
        yield return new Claim("`proteus`: strict violations at 98.9 accuracy or more", "≤ 5 % (target)", $"{Percent(violation["proteus"])} at {Number(accuracy["proteus"])}", violation["proteus"] <= 0.05 && accuracy["proteus"] >= 98.9);
        yield return new Claim("`unified`: the same", "≤ 2 % (target)", $"{Percent(violation["unified"])} at {Number(accuracy["unified"])}", violation["unified"] <= 0.02 && accuracy["unified"] >= 98.9);
        foreach (var (policy, least, published) in new[] { (PlanningPolicies.ClipperHa, 10.0, "10"), (PlanningPolicies.ClipperHt, 2, "2 to 10"), (PlanningPolicies.Sommelier, 1, "up to 4.3"), (PlanningPolicies.Infaas, 1, "up to 4.3") })
        {
            var ratio = violation[policy] / violation["proteus"];
            yield return new Claim($"violations of `{policy}` over those of `proteus`", published, Number(ratio), ratio >= least);
        }

        foreach (var policy in new[] { PlanningPolicies.Sommelier, PlanningPolicies.Infaas, PlanningPolicies.ClipperHt })
        {
            var (loss, own) = (Loss(result, policy), Loss(result, PlanningPolicies.Proteus));
            yield return new Claim($"largest accuracy loss of `{policy}` in 10 s over that of `proteus`", "up to 3.2", $"{Number(loss / own)} ({Number(loss)} / {Number(own)} points)", loss > own);
        }
    }

    private static double Loss(ComparisonResult result, string policy) => 100 * (1 - Of(result, policy)[ComparisonMetrics.WorstAccuracy].Mean);

    private static PolicyComparison Of(ComparisonResult result, string policy) => result.Policies.First(p => p.Label == policy);
}
