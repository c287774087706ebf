using System.Collections.Immutable;
using ServerlessLoki.Benchmarks.Reproduction.Rivals;
using ServerlessLoki.Planning;
using ServerlessLoki.Samples;
using ServerlessLoki.Scenarios;
using ServerlessLoki.Scenarios.Comparison;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>Cases in which planners fail: the scenarios in <c>src/ServerlessLoki.Samples/Scenarios/hard</c>, and <c>fan-out.json</c>.</summary>
internal sealed class HardCases : IReproduction
{
    public string Name => "hard";

    public bool NeedsData => false;

    public IEnumerable<Experiment> Experiments() => Files().Select(file =>
    {
        var scenario = ScenarioReader.Read(File.ReadAllText(file), Path.GetFileName(file), path => File.ReadAllText(Path.GetFullPath(path, Path.GetDirectoryName(file)!)));
        var isPriced = scenario.Problem.Devices.Any(d => d.PricePerHour > 0);
        return new Experiment
        {
            Name = $"hard/{Path.GetFileNameWithoutExtension(file)}", Scenario = scenario,
            Rivals = [.. scenario.Policies.Select(p => p.Label).Where(l => l != PlanningPolicies.Unified)],
            Cost = isPriced ? ComparisonMetrics.CostPerHour : ComparisonMetrics.ServersMean, CostName = isPriced ? "cost/h" : "slots", Seeds = [1, 2, 3],
        };
    });

    public void Run(ReproductionReport report, Func<string, bool> wanted)
    {
        // Shown, and in the summary; RESULTS.md has no section of them.
        var shown = new ReproductionReport();
        foreach (var experiment in Experiments().Where(e => wanted(e.Name)))
        {
            var result = ExperimentRun.Run(experiment);
            shown.Line($"`{Path.GetFileName(experiment.Name)}.json`, {result.Scenario}; {result.Seeds.Length} seeds:");
            shown.Policies(result, experiment.CostName, experiment.Cost);
        }
    }

    private static ImmutableArray<string> Files() =>
        [.. Directory.GetFiles(Path.Combine(SampleScenarios.Directory, "hard"), "*.json").Append(Path.Combine(SampleScenarios.Directory, "fan-out.json")).Order(StringComparer.Ordinal)];
}
