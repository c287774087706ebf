using ServerlessLoki.Benchmarks.Reproduction.Rivals;
using ServerlessLoki.Planning;
using ServerlessLoki.Scenarios.Comparison;
using static ServerlessLoki.Benchmarks.Reproduction.ReproductionReport;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>IPA (evaluation): two pipelines under two workloads of 20 minutes; cost is cores.</summary>
internal sealed class IpaReproduction : IReproduction
{
    // The results of IPA's artifact: cores and accuracy × 100 of IPA, FA2-low, FA2-high, RIM in the artifact's figures.
    private static readonly (string Pipeline, string Trace, (double Cores, double Accuracy)[] Figures)[] Cells =
    [
        ("video", "bursty", [(2.72, 34.00), (2.73, 31.88), (5.85, 43.95), (6.00, 40.79)]),
        ("video", "steady-low", [(2.00, 35.38), (2.00, 31.88), (3.95, 43.95), (6.00, 43.85)]),
        ("audio-qa", "bursty", [(21.2, 51.98), (16.7, 45.33), (32.9, 53.79), (53.1, 52.49)]),
        ("audio-qa", "steady-low", [(8.88, 48.73), (7.94, 45.30), (17.1, 53.79), (25.0, 48.69)]),
    ];

    public string Name => "ipa";

    public bool NeedsData => true;

    public IEnumerable<Experiment> Experiments() => Cells.Select(c =>
    {
        var scenario = ReproductionData.Import(Name, c.Pipeline);
        var weights = scenario.Setup(PlanningPolicies.Unified).Options!.Objective!;
        return new Experiment
        {
            Name = $"ipa/{c.Pipeline}, {c.Trace}", Scenario = scenario, Trace = c.Trace, Rivals = [PlanningPolicies.Ipa],
            Others = [PlanningPolicies.Fa2Low, PlanningPolicies.Fa2High, $"rim-{c.Trace}"], CostName = "cores", CostWeight = weights.Cost / weights.Accuracy,
        };
    });

    public void Run(ReproductionReport report, Func<string, bool> wanted)
    {
        var claims = new List<Claim>();
        foreach (var (experiment, (pipeline, trace, figures)) in Experiments().Zip(Cells).Where(e => wanted(e.First.Name)))
        {
            var result = ExperimentRun.Run(experiment);
            report.Line($"{pipeline}, {trace}: 20 minutes, {result.Seeds.Length} seeds, the first 20 s not counted. `unified` with IPA's weights; it decides every second, the published others every ten.");
            report.Policies(result, experiment.CostName, experiment.Cost);
            report.Line("Cores and accuracy beside the artifact's figures:");
            report.Table(
                ["policy", "cores there", "here", "accuracy there", "here"],
                figures.Select(IReadOnlyList<string> (f, i) =>
                [
                    result.Policies[i].Label, Number(f.Cores), Number(result.Policies[i][ComparisonMetrics.ServersMean].Mean), Number(f.Accuracy), Points(result.Policies[i][ComparisonMetrics.Accuracy].Mean),
                ]));
            claims.AddRange(Claims($"{pipeline}, {trace}", figures, result));
        }

        report.Claims(claims);
    }

    private static IEnumerable<Claim> Claims(string cell, (double Cores, double Accuracy)[] figures, ComparisonResult result)
    {
        var accuracy = result.Policies.Select(p => p[ComparisonMetrics.Accuracy].Mean).ToArray();
        var cores = result.Policies.Select(p => p[ComparisonMetrics.ServersMean].Mean).ToArray();
        yield return new Claim(
            $"{cell}: accuracy of `ipa` over `fa2-low`, and its cores", $"{Ratio(figures[0].Accuracy / figures[1].Accuracy)} for {Ratio(figures[0].Cores / figures[1].Cores)}",
            $"{Ratio(accuracy[0] / accuracy[1])} for {Ratio(cores[0] / cores[1])}", accuracy[0] > accuracy[1]);
        yield return new Claim(
            $"{cell}: `ipa` takes fewer cores than `fa2-high`", $"{Number(figures[0].Cores)} / {Number(figures[2].Cores)}", $"{Number(cores[0])} / {Number(cores[2])}", cores[0] < cores[2]);
    }

    private static string Ratio(double ratio) => Percent(ratio - 1) + " more";
}
