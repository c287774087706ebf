using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

/// <summary>At a constant rate chance alone moves the counts of a second by a tenth and more: no reason to load models.</summary>
public sealed class UnifiedCalmTests
{
    private const int SettledAfter = 60;
    private const int Seconds = 120;
    private const int Seeds = 2;

    [Theory]
    [InlineData("single", 500, 0)]
    [InlineData("single", 1400, 0)]
    [InlineData("fan-out", 100, 0)]
    [InlineData("fan-out", 250, 0)]
    [InlineData("chain", 150, 0)]
    [InlineData("single", 1400, 1000)]
    [InlineData("fan-out", 100, 1000)]
    [InlineData("chain", 150, 1000)]
    public void Plan_ConstantPoissonRate_SwapsOnceAMinuteAtMost(string kind, double qps, int loadMs)
    {
        var (swaps, violations) = (0, 0.0);
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var result = Run(kind, Arrivals.Poisson(qps, TimeSpan.FromSeconds(Seconds)), qps, loadMs, seed, SettledAfter);
            swaps += result.Plans.Where(p => p.DecidedUs > SettledAfter * 1_000_000L).Sum(p => p.Swaps);
            violations += result.Total.Violation / Seeds;
        }

        Assert.True(swaps <= Seeds * (Seconds - SettledAfter) / 60, $"{swaps} swaps in {Seeds * (Seconds - SettledAfter)} s");
        Assert.InRange(violations, 0, 0.01);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Plan_FlashHasPassed_RunsTheBestVariantsWithinFiveSeconds(int seed)
    {
        const int Begins = 20;
        const int Ends = 30;
        var flash = Arrivals.Step([(100, TimeSpan.FromSeconds(Begins)), (450, TimeSpan.FromSeconds(Ends - Begins)), (100, TimeSpan.FromSeconds(15))]);
        var result = Run("fan-out", flash, 100, 0, seed, 0);
        var best = result.Plans[0].Plan.Accuracy;
        Assert.Contains(result.Plans, p => p.Plan.Accuracy < best - 0.01);
        var back = result.Plans.SkipWhile(p => p.InForceUs < Ends * 1_000_000L).First(p => p.Plan.Accuracy > best - 0.01).InForceUs * 1e-6;
        Assert.InRange(back, Ends, Ends + 5);
        Assert.DoesNotContain(result.Plans, p => p.InForceUs * 1e-6 > back && p.Plan.Accuracy < best - 0.01);
    }

    private static SimulationResult Run(string kind, IArrivals arrivals, double qps, int loadMs, int seed, int warmUpSeconds) => Simulator.Run(
        new SimulationProblem
        {
            Cluster = Cluster(kind, qps),
            Policy = new UnifiedPolicy(new BranchAndBoundSolver()),
            Arrivals = arrivals,
            Options = new SimulationOptions
            {
                Seed = (ulong)seed, ModelLoad = TimeSpan.FromMilliseconds(loadMs), WarmUp = TimeSpan.FromSeconds(warmUpSeconds), FanOut = FanOutDraw.Poisson, Noise = new ServiceNoise(0.09),
            },
        },
        TestContext.Current.CancellationToken);

    private static PlanningProblem Cluster(string kind, double qps)
    {
        var small = new[] { ("s", 4.0, 0.8), ("m", 10.0, 0.88), ("l", 20.0, 0.95) };
        var find = new[] { ("s", 8.0, 0.8), ("l", 20.0, 0.9) };
        (string Name, (string Size, double Ms, double Accuracy)[] Variants)[] tasks = kind switch
        {
            "single" => [("a", small)],
            "fan-out" => [("find", find), ("b", small)],
            _ => [("a", small), ("b", small), ("c", small)],
        };
        var (sloMs, slots) = kind == "chain" ? (500, 40) : (300, 20);
        var pipeline = TestPipelines.Read(
            $$"""
            { "name": "p", "sloMs": {{sloMs}}, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
              "tasks": [ {{string.Join(", ", tasks.Select(t => $$"""{"name": "{{t.Name}}", "variants": [ {{string.Join(", ", t.Variants.Select(v => FormattableString.Invariant($$"""{"name": "{{t.Name}}-{{v.Size}}", "model": "m", "accuracy": {{v.Accuracy}}}""")))}} ]}"""))}} ],
              "edges": [ {{string.Join(", ", tasks.Zip(tasks.Skip(1), (a, b) => $$"""{"from": "{{a.Name}}", "to": "{{b.Name}}"}"""))}} ] }
            """);
        return new PlanningProblem
        {
            Pipelines = [new PipelineDemand(pipeline, qps, new FanOut([.. pipeline.Edges.Select(e => pipeline.Tasks[e.From].Variants.Select(_ => kind == "fan-out" ? 2.5 : 1.0).ToImmutableArray())]))],
            Devices = [new DeviceType("cpu", slots)],
            // A batch takes its first row's time and 0.6 of it for each further one.
            Profile = new LatencyProfile(
                from task in tasks
                from variant in task.Variants
                from batch in new[] { 1, 2, 4, 8 }
                let ms = variant.Ms * (1 + (0.6 * (batch - 1)))
                select new ProfileRow($"{task.Name}-{variant.Size}", "cpu", batch, ms, ms * 1.12, ms * 1.16, ms * 1.25)),
            Options = new PlanningOptions { MaxBatch = 8, RelativeGap = 1e-3 },
        };
    }
}
