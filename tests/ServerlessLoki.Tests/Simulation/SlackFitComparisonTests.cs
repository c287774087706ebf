using System.Globalization;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>Bursts on four slots that hold six variants, as SuperServe evaluates (§6): six SubNets of 73.8 to 80.2 %, an objective of 36 ms, and batches of
/// up to 31 ms.</summary>
public sealed class SlackFitComparisonTests
{
    private static readonly (double Accuracy, double FixedMs, double RowMs)[] SubNets =
        [(0.738, 1.1, 0.40), (0.767, 1.3, 0.62), (0.776, 1.4, 0.88), (0.782, 1.5, 1.07), (0.794, 1.9, 1.36), (0.802, 2.7, 1.75)];

    private static readonly Dictionary<string, IArrivals> Traffic = new(StringComparer.Ordinal)
    {
        ["bursts"] = Arrivals.Gamma(2000, 8, TimeSpan.FromSeconds(20)),
        ["moods"] = Arrivals.MarkovModulated([(1200, TimeSpan.FromSeconds(2)), (5000, TimeSpan.FromSeconds(0.5))], TimeSpan.FromSeconds(20)),
    };

    [Theory]
    [InlineData("bursts", 1UL)]
    [InlineData("bursts", 2UL)]
    [InlineData("moods", 1UL)]
    [InlineData("moods", 2UL)]
    public void Run_Bursts_AttainsAsMuchAsAnyBaselineWithAccuracyInBetween(string traffic, ulong seed)
    {
        var slackFit = Run(PlanningPolicies.SlackFit, traffic, seed);
        var others = new[] { PlanningPolicies.SlackFitMaxAccuracy, PlanningPolicies.SlackFitMaxBatch, PlanningPolicies.ClipperHa, PlanningPolicies.ClipperHt, PlanningPolicies.Proteus }
            .ToDictionary(p => p, p => Run(p, traffic, seed));

        Assert.InRange(slackFit.OnTime, 0.995, 1);
        Assert.All(others, o => Assert.True(slackFit.OnTime >= o.Value.OnTime - 0.003, $"{slackFit.OnTime} in time, {o.Key} {o.Value.OnTime}"));
        // One fixed variant is either too slow for bursts or less accurate all the time.
        Assert.True(slackFit.OnTime > others[PlanningPolicies.ClipperHa].OnTime + 0.2);
        Assert.True(slackFit.OnTime > others[PlanningPolicies.SlackFitMaxAccuracy].OnTime + 0.1);
        Assert.InRange(slackFit.Accuracy, others[PlanningPolicies.ClipperHt].Accuracy + 0.03, others[PlanningPolicies.ClipperHa].Accuracy);
    }

    private static (double OnTime, double Accuracy) Run(string policy, string traffic, ulong seed)
    {
        var result = Simulator.Run(new SimulationProblem
        {
            Cluster = Cluster(),
            Arrivals = Traffic[traffic],
            Policy = PlanningPolicies.Create(policy, new BranchAndBoundSolver()),
            Options = new SimulationOptions
            {
                Seed = seed,
                ModelLoad = TimeSpan.FromMilliseconds(100),
                Batching = policy.StartsWith("clipper", StringComparison.Ordinal) ? BatchingRule.Aimd : BatchingRule.Deadline,
            },
        });
        return ((double)result.Total.OnTime / result.Total.Arrivals, result.Total.EffectiveAccuracy);
    }

    private static PlanningProblem Cluster()
    {
        var variants = string.Join(", ", SubNets.Select((s, v) => string.Create(CultureInfo.InvariantCulture, $$"""{"name": "v{{v}}", "model": "m.onnx", "accuracy": {{s.Accuracy}} }""")));
        var graph = TestPipelines.Read(
            $$"""{ "name": "p", "sloMs": 36, "input": {"name": "x", "datatype": "FP32", "shape": [-1]}, "tasks": [ {"name": "t", "variants": [{{variants}}]} ] }""");
        var rows = SubNets.SelectMany((s, v) => new[] { 1, 2, 4, 8, 16 }.Select(b => SimCases.Row($"v{v}", b, s.FixedMs + (s.RowMs * b))));
        var problem = SimCases.Cluster([graph], new DeviceType("d", 4), [.. rows]);
        return problem with { Pipelines = [problem.Pipelines[0] with { DemandQps = 2000 }] };
    }
}
