using System.Collections.Immutable;
using ServerlessLoki.Benchmarks.Reproduction.Rivals;
using ServerlessLoki.Planning;
using ServerlessLoki.Scenarios;
using ServerlessLoki.Scenarios.Comparison;
using ServerlessLoki.Simulation.Traffic;
using static ServerlessLoki.Benchmarks.Reproduction.ReproductionReport;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>Loki (evaluation): how far a fixed cluster stretches, and a day's shape against InferLine and Proteus as Loki compares with them.</summary>
internal sealed class LokiReproduction : IReproduction
{
    private const string DayName = "loki/day";
    private const string ConstantName = "loki/constant";
    private static readonly double[] Rates = [100, 125, 150, 165, 180, 190, 200, 250, 300, 425, 515, 600, 800, 1000, 1200, 1350, 1500, 1700];

    // Rates on which one setting for all rates is searched, and those of which the summary tells.
    private static readonly double[] Training = [150, 250, 425, 515, 800, 1200];
    private static readonly double[] Told = [150, 300, 515, 1000];
    private static readonly ImmutableArray<string> Constant = [PlanningPolicies.HardwareOnly, PlanningPolicies.Loki];

    public string Name => "loki";

    public bool NeedsData => true;

    // Loki's public profiles: the corrected accuracies are the true ones.
    public IEnumerable<Experiment> Experiments() =>
    [
        new()
        {
            Name = DayName, Scenario = ReproductionData.Import(Name, "corrected"),
            Rivals = [PlanningPolicies.HardwareOnly, PlanningPolicies.Proteus, PlanningPolicies.InferLine, PlanningPolicies.Loki],
        },
    ];

    public void Search(Func<string, bool> wanted)
    {
        foreach (var experiment in Experiments().Where(e => wanted(e.Name)))
            BestSettings.Search(experiment);
        if (wanted(ConstantName))
            BestSettings.Search(ConstantName, Constant, policy => SettingSearch.BestOfMany([.. Training.Select(q => At(ReproductionData.Import(Name, "corrected"), q))], policy));
    }

    public void Run(ReproductionReport report, Func<string, bool> wanted)
    {
        var day = Experiments().Single();
        var bound = new LokiBound(day.Scenario);
        var runs = Rates.Select(qps => new LokiRate(qps, ExperimentRun.Run(At(day.Scenario, qps), ConstantName, isTold: Told.Contains(qps)))).ToList();
        ImmutableArray<string> policies = [.. runs[0].Result.Policies.Select(p => p.Label)];
        report.Line($"Capacity of 18 servers: Poisson arrivals for 25 s, the first 5 s not counted, {runs[0].Result.Seeds.Length} seeds. A setting in parentheses is the one that holds most of the rates {string.Join(", ", Training.Select(Number))} with another seed. The bound is the fractional plan at the full objective without queueing.");
        report.Table(
            ["queries/s", .. policies.SelectMany(p => new[] { p + ": violated", "by leaf", "accuracy" }), "bound: accuracy"],
            runs.Select(IReadOnlyList<string> (r) =>
                [Number(r.Qps), .. r.Result.Policies.SelectMany(p => new[] { Percent(p[ComparisonMetrics.Violation].Mean), Percent(1 - p[ComparisonMetrics.LeafAttainment].Mean), Points(p[ComparisonMetrics.Accuracy].Mean) }), Points(bound.Accuracy(r.Qps))]));
        report.Table(
            ["policy", "rates at which ≤ 1 % is violated", "most of them", "accuracy there", "bound", "share of the bound", "bound at that accuracy", "share of it"],
            policies.Select(IReadOnlyList<string> (p, i) =>
            {
                var held = LokiRate.Held(runs, i);
                var most = p.StartsWith(PlanningPolicies.HardwareOnly, StringComparison.Ordinal) ? bound.HardwareQps : bound.Qps;
                return held is [.., var last]
                    ? [p, held.Count == Rates.Length ? "all" : string.Join(", ", held.Select(r => Number(r.Qps))), Number(last.Qps), Points(last.Accuracy(i)), Number(most), Percent(last.Qps / most), Number(bound.QpsAt(last.Accuracy(i))), Percent(last.Qps / bound.QpsAt(last.Accuracy(i)))]
                    : [p, "none", .. Enumerable.Repeat("–", 6)];
            }));

        var result = ExperimentRun.Run(day);
        report.Line($"{result.Trace}, 50 to 425 queries/s, {result.Seeds.Length} seeds. `hardware-only` is InferLine as Loki compares with it, `inferline` is InferLine itself on servers of one kind.");
        report.Policies(result, day.CostName, day.Cost);
        report.Claims(LokiClaims.Of(runs, policies, result));
    }

    private static Experiment At(Scenario scenario, double qps) => new()
    {
        Name = $"loki/{Number(qps)} per second",
        Rivals = Constant,
        Scenario = scenario with
        {
            Traces = [new ScenarioTrace($"{qps} q/s", Arrivals.Poisson(qps, TimeSpan.FromSeconds(25)))],
            Problem = scenario.Problem with { Pipelines = [.. scenario.Problem.Pipelines.Select(p => p with { DemandQps = qps })] },
            Simulation = scenario.Simulation with { WarmUp = TimeSpan.FromSeconds(5) },
        },
    };
}
