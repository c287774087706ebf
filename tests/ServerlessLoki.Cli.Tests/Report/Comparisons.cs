using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Samples;
using ServerlessLoki.Scenarios;
using ServerlessLoki.Scenarios.Comparison;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Cli.Tests.Report;

/// <summary>The sample pipeline under a load that rises and falls, two policies.</summary>
internal static class Comparisons
{
    public static (ComparisonResult Result, ImmutableArray<Pipeline> Pipelines) Sample(string name = "sample", params ulong[] seeds)
    {
        var path = Path.Combine(TrafficSample.Directory, "scenario.json");
        var scenario = ScenarioReader.Read(File.ReadAllText(path), path, file => File.ReadAllText(Path.Combine(TrafficSample.Directory, file)));
        var arrivals = Arrivals.Step([(20, TimeSpan.FromSeconds(6)), (250, TimeSpan.FromSeconds(6)), (20, TimeSpan.FromSeconds(6))]);
        scenario = scenario with { Name = name, Traces = [new ScenarioTrace("rise and fall", arrivals)], Seeds = seeds.Length == 0 ? [1, 2] : [.. seeds] };
        return (ScenarioComparison.Run(scenario, ["loki", "hardware-only"]), [.. scenario.Problem.Pipelines.Select(p => p.Pipeline)]);
    }
}
