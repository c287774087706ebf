using ServerlessLoki.Planning;
using ServerlessLoki.Scenarios;
using ServerlessLoki.Scenarios.Comparison;
using ServerlessLoki.Simulation.Traffic;
using static ServerlessLoki.Benchmarks.Reproduction.ReproductionReport;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>Loki (evaluation): how far a fixed cluster stretches, and a day's shape against InferLine and Proteus as Loki compares with them.</summary>
internal sealed class LokiReproduction : IReproduction
{
    private const double Allowed = 0.01;
    private const int Seeds = 5;
    private static readonly double[] Rates = [100, 125, 150, 165, 180, 190, 200, 250, 300, 425, 515, 600, 800, 1000, 1200, 1350, 1500, 1700];
    private static readonly string[] Capacity = [PlanningPolicies.HardwareOnly, PlanningPolicies.Loki, PlanningPolicies.Unified];
    private static readonly string[] Day =
        [PlanningPolicies.HardwareOnly, PlanningPolicies.Proteus, PlanningPolicies.InferLine, PlanningPolicies.Loki, PlanningPolicies.Unified];

    public string Name => "loki";

    public bool NeedsData => true;

    public void Run(ReproductionReport report)
    {
        // Loki's public profiles: the corrected accuracies are the true ones.
        var scenario = ReproductionData.Import(Name, "corrected");
        var bound = new LokiBound(scenario);
        report.Line($"Capacity of 18 servers: Poisson arrivals for 25 s, the first 5 s not counted, {Seeds} seeds. The bound is the fractional plan at the full objective without queueing.");
        var runs = Rates.Select(qps => (Qps: qps, Result: Compare(At(scenario, qps), Capacity, seeds: Seeds))).ToList();
        report.Table(
            ["queries/s", .. Capacity.SelectMany(p => new[] { p + ": violated", "accuracy" }), "bound: accuracy"],
            runs.Select(IReadOnlyList<string> (r) =>
                [Number(r.Qps), .. r.Result.Policies.SelectMany(p => new[] { Percent(p[ComparisonMetrics.Violation].Mean), Points(p[ComparisonMetrics.Accuracy].Mean) }), Points(bound.Accuracy(r.Qps))]));
        var capacities = Capacity.Select((_, i) => Largest(runs, i)).ToArray();
        report.Table(
            ["policy", "queries/s at ≤ 1 % violated", "accuracy there", "bound", "share of the bound", "bound at that accuracy", "share of it"],
            Capacity.Select(IReadOnlyList<string> (p, i) =>
            {
                var (qps, accuracy) = capacities[i];
                var most = i == 0 ? bound.HardwareQps : bound.Qps;
                return [p, Number(qps), Points(accuracy), Number(most), Percent(qps / most), Number(bound.QpsAt(accuracy)), Percent(qps / bound.QpsAt(accuracy))];
            }));

        var day = Compare(scenario, Day);
        report.Line($"{day.Trace}, 50 to 425 queries/s, {day.Seeds.Length} seeds. `hardware-only` is InferLine as Loki compares with it, `inferline` is InferLine itself on servers of one kind.");
        report.Policies(day, "servers", ComparisonMetrics.ServersMean);
        report.Claims(Claims(runs, capacities, day));
    }

    private static Scenario At(Scenario scenario, double qps) => scenario with
    {
        Traces = [new ScenarioTrace($"{qps} q/s", Arrivals.Poisson(qps, TimeSpan.FromSeconds(25)))],
        Problem = scenario.Problem with { Pipelines = [.. scenario.Problem.Pipelines.Select(p => p with { DemandQps = qps })] },
        Simulation = scenario.Simulation with { WarmUp = TimeSpan.FromSeconds(5) },
        // The cluster of a policy of its own would keep the old window.
        Policies = [.. scenario.Policies.Where(p => p.Simulation is null)],
    };

    // The largest rate up to which no tried rate is violated more often.
    private static (double Qps, double Accuracy) Largest(List<(double Qps, ComparisonResult Result)> runs, int policy)
    {
        var held = runs.TakeWhile(r => r.Result.Policies[policy][ComparisonMetrics.Violation].Mean <= Allowed).LastOrDefault();
        return held.Result is null ? (0, double.NaN) : (held.Qps, held.Result.Policies[policy][ComparisonMetrics.Accuracy].Mean);
    }

    private static IEnumerable<Claim> Claims(List<(double Qps, ComparisonResult Result)> runs, (double Qps, double Accuracy)[] capacities, ComparisonResult day)
    {
        var (hardware, loki, unified) = (capacities[0].Qps, capacities[1].Qps, capacities[2].Qps);
        yield return new Claim("effective capacity of accuracy scaling over hardware scaling (`loki`)", "> 2.7", $"{Number(loki / hardware)} at accuracy {Points(capacities[1].Accuracy)}", loki >= 2.7 * hardware);
        yield return new Claim("the same for `unified`", "> 2.7", $"{Number(unified / hardware)} at accuracy {Points(capacities[2].Accuracy)}", unified >= 2.7 * hardware);
        yield return new Claim("`unified` carries at least what `loki` carries", "target", $"{Number(unified)} against {Number(loki)} queries/s", unified >= loki);
        var (most, mostHardware) = (Goodput(runs, 1), Goodput(runs, 0));
        yield return new Claim("most queries in time per second, `loki` over `hardware-only`, whatever is violated", "> 2.7", $"{Number(most / mostHardware)} ({Number(most)} / {Number(mostHardware)})", most >= 2.7 * mostHardware);
        // Less than half of the last digit shown is no difference.
        var below = runs.Where(r => r.Qps <= loki && r.Result.Policies[2][ComparisonMetrics.Accuracy].Mean < r.Result.Policies[1][ComparisonMetrics.Accuracy].Mean - 5e-5).ToList();
        yield return new Claim(
            "`unified` is as accurate as `loki` wherever `loki` holds 1 %", "target", below.Count == 0 ? "at every rate" : "less at " + string.Join(", ", below.Select(r => Number(r.Qps))), below.Count == 0);
        var violations = Day.Select((_, i) => day.Policies[i][ComparisonMetrics.Violation].Mean).ToArray();
        yield return Fewer("loki", "hardware-only", violations[3], violations[0], 10);
        yield return Fewer("unified", "hardware-only", violations[4], violations[0], 10);
        yield return Fewer("loki", "proteus", violations[3], violations[1], 1);
        yield return Fewer("unified", "proteus", violations[4], violations[1], 1);
        var servers = day.Policies[1][ComparisonMetrics.ServersMean].Mean / day.Policies[3][ComparisonMetrics.ServersMean].Mean;
        yield return new Claim("servers of Proteus over those of `loki` (published for off-peak hours)", "up to 2.67", Number(servers), servers > 1);
    }

    private static double Goodput(List<(double Qps, ComparisonResult Result)> runs, int policy) => runs.Max(r => r.Result.Policies[policy][ComparisonMetrics.Goodput].Mean);

    private static Claim Fewer(string policy, string other, double violation, double others, double least) => new(
        $"violations of `{other}` over those of `{policy}`, 50 to 425 queries/s", least > 1 ? $"up to 10; ≥ {least} (target)" : "up to 10",
        violation == 0 ? "none against " + Percent(others) : $"{Number(others / violation)} ({Percent(others)} / {Percent(violation)})", others > least * violation);
}
