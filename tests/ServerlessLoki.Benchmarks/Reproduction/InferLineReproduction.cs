using System.Globalization;
using System.Text;
using ServerlessLoki.Benchmarks.Reproduction.Rivals;
using ServerlessLoki.Planning;
using ServerlessLoki.Scenarios;
using ServerlessLoki.Scenarios.Comparison;
using static ServerlessLoki.Benchmarks.Reproduction.ReproductionReport;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>InferLine (evaluation and results and example chain): its experiments are not public, so its rules meet gamma traffic on the golden chain.</summary>
internal sealed class InferLineReproduction : IReproduction
{
    // InferLine's example chain: latency of a batch of b, milliseconds: fixed + slope · b.
    private static readonly (string Variant, string Device, double FixedMs, double SlopeMs)[] Latency =
        [("prep", "cpu", 1, 4), ("cls", "v100", 6, 1), ("cls", "k80", 18, 4), ("cls", "cpu", 60, 120)];

    public string Name => "inferline";

    public bool NeedsData => false;

    public IEnumerable<Experiment> Experiments()
    {
        using var file = typeof(InferLineReproduction).Assembly.GetManifestResourceStream(typeof(InferLineReproduction), "inferline.json")!;
        using var reader = new StreamReader(file);
        var scenario = ScenarioReader.Read(reader.ReadToEnd(), "inferline.json", _ => Profile());
        return [.. scenario.Traces.Select(t => new Experiment
        {
            Name = $"inferline/{t.Name}", Scenario = scenario, Trace = t.Name, Rivals = [PlanningPolicies.InferLine, PlanningPolicies.InferLineRelative],
            Others = [PlanningPolicies.CoarseMean, PlanningPolicies.CoarsePeak, PlanningPolicies.AutoScale], Cost = ComparisonMetrics.CostPerHour, CostName = "$/h",
            // Of all that hold the objective, the cheapest.
            CostWeight = 1,
        })];
    }

    public void Run(ReproductionReport report, Func<string, bool> wanted)
    {
        var claims = new List<Claim>();
        foreach (var experiment in Experiments().Where(e => wanted(e.Name)))
        {
            var result = ExperimentRun.Run(experiment);
            report.Line($"{experiment.Trace}: gamma arrivals (CV is variance / mean²) for 300 s, the first 60 s not counted, objective 150 ms, {result.Seeds.Length} seeds; a replica takes 5 s to load.");
            report.Policies(result, experiment.CostName, experiment.Cost);
            claims.AddRange(Claims(experiment.Trace!, result));
        }

        report.Claims(claims);
    }

    private static string Profile()
    {
        var csv = new StringBuilder("variant,device,batch,p50_ms,p90_ms,p95_ms,p99_ms\n");
        foreach (var (variant, device, fixedMs, slopeMs) in Latency)
        {
            for (var batch = 1; batch <= 32; batch *= 2)
            {
                var ms = fixedMs + (slopeMs * batch);
                csv.Append(CultureInfo.InvariantCulture, $"{variant},{device},{batch},{ms},{ms},{ms},{ms}\n");
            }
        }

        return csv.ToString();
    }

    private static IEnumerable<Claim> Claims(string trace, ComparisonResult result)
    {
        var by = result.Policies.Where(p => p.Refused is null).ToDictionary(p => p.Label, p => (Missed: p[ComparisonMetrics.Violation].Mean, Cost: p[ComparisonMetrics.CostPerHour].Mean), StringComparer.Ordinal);
        foreach (var own in new[] { PlanningPolicies.InferLine, PlanningPolicies.InferLineRelative, PlanningPolicies.Unified }.Where(by.ContainsKey))
        {
            var peak = by[PlanningPolicies.CoarsePeak];
            yield return new Claim($"{trace}: cost of `cg-peak` over that of `{own}`", "up to 7.6", $"{Number(peak.Cost / by[own].Cost)} ({Number(peak.Cost)} / {Number(by[own].Cost)} $/h)", peak.Cost > by[own].Cost);
            var scaled = by[PlanningPolicies.AutoScale];
            yield return new Claim($"{trace}: missed by `autoscale` over missed by `{own}`", "up to 34.5", $"{Number(scaled.Missed / by[own].Missed)} ({Percent(scaled.Missed)} / {Percent(by[own].Missed)})", scaled.Missed > by[own].Missed);
        }
    }
}
