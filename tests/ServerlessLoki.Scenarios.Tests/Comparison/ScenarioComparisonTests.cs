using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Scenarios.Comparison;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Tests.Simulation;

namespace ServerlessLoki.Scenarios.Tests.Comparison;

public sealed class ScenarioComparisonTests
{
    private static readonly string[] Two = [PlanningPolicies.Loki, PlanningPolicies.HardwareOnly];

    // The accurate variant answers 100/s on two slots, the other 400/s; the load climbs over the first.
    private static Scenario Climb(int tasks = 1)
    {
        var cluster = SimCases.Cluster(
            [SimCases.Chain("a", 200, tasks, variants: 2)], new DeviceType("d", 2 * tasks, PricePerHour: 0.5),
            [.. Enumerable.Range(0, tasks).SelectMany(t => new[] { SimCases.Row($"a{t}0", 1, 20), SimCases.Row($"a{t}1", 1, 5) })]);
        return new Scenario
        {
            Name = "climb",
            Problem = cluster with { Pipelines = [cluster.Pipelines[0] with { DemandQps = 40 }] },
            Traces = [new ScenarioTrace("steps", Arrivals.Step([(40, TimeSpan.FromSeconds(6)), (180, TimeSpan.FromSeconds(6))]))],
            Seeds = [1, 2, 3],
        };
    }

    [Fact]
    public void Run_LoadBeyondTheMostAccurate_ScalingAccuracyServesIt()
    {
        var result = ScenarioComparison.Run(Climb(), Two);

        var (loki, hardware) = (result.Policies[0], result.Policies[1]);
        Assert.True(loki[ComparisonMetrics.Attainment].Mean > 0.9);
        Assert.True(hardware[ComparisonMetrics.Attainment].Mean < 0.8);
        Assert.Equal(0.9, hardware[ComparisonMetrics.Accuracy].Mean, 12);
        Assert.Equal([PlanningPolicies.Loki], result.Best(ComparisonMetrics.Attainment));
        Assert.Equal([PlanningPolicies.HardwareOnly], result.Best(ComparisonMetrics.WorstAccuracy));
        Assert.Empty(result.Best(ComparisonMetrics.ServersMax));
    }

    [Fact]
    public void Run_ClairvoyantBound_NobodyIsMoreAccurateOverAllAndItsCourseHasEverySecond()
    {
        var result = ScenarioComparison.Run(Climb(tasks: 2) with { Simulation = new SimulationOptions { FanOut = FanOutDraw.Poisson } }, Two);

        var bound = Assert.IsType<ComparisonBound>(result.Bound);
        // Two slots a task: 100/s at the best accuracy, 400/s at most; 180/s are all served.
        Assert.Equal(1, bound[ComparisonMetrics.Attainment].Mean, 6);
        Assert.Equal(12, bound.Seconds.Length);
        Assert.InRange(bound[ComparisonMetrics.Accuracy].Mean, 0.72, 0.9);
        foreach (var policy in result.Policies)
            Assert.InRange(bound.Share(policy, ComparisonMetrics.AccuracyOverAll), 0, 1.01);
    }

    [Fact]
    public void Run_ClientsThatWait_NoBound()
    {
        var scenario = Climb();
        var clients = scenario with { Traces = [new ScenarioTrace("clients", Arrivals.Clients(new ClientGroup([(3, TimeSpan.FromSeconds(2))], 0, false, null, 0)))] };

        Assert.Null(ScenarioComparison.Run(clients, [PlanningPolicies.Loki]).Bound);
    }

    [Fact]
    public void Run_Causes_AddUpToTheViolations()
    {
        var hardware = ScenarioComparison.Run(Climb(), Two).Policies[1];

        var causes = new[] { ComparisonMetrics.Late, ComparisonMetrics.Dropped, ComparisonMetrics.Rejected, ComparisonMetrics.Failed, ComparisonMetrics.Unfinished };
        for (var seed = 0; seed < 3; seed++)
            Assert.Equal(hardware[ComparisonMetrics.Violation].Values[seed], causes.Sum(c => hardware[c].Values[seed]), 12);
    }

    [Fact]
    public void Run_AnyNumberOfThreads_SameFigures()
    {
        var scenario = Climb(tasks: 2) with { Simulation = new SimulationOptions { FanOut = FanOutDraw.Poisson, Noise = new ServiceNoise(0.2) } };

        var (one, four) = (ScenarioComparison.Run(scenario, Two, new ComparisonOptions { Threads = 1 }), ScenarioComparison.Run(scenario, Two, new ComparisonOptions { Threads = 4 }));

        foreach (var metric in ComparisonMetrics.All)
            Assert.Equal(one.Policies.SelectMany(p => p[metric].Values), four.Policies.SelectMany(p => p[metric].Values));
        Assert.Equal(one.Policies[0].Timeline!.Seconds, four.Policies[0].Timeline!.Seconds);
        Assert.NotEqual(one.Policies[0][ComparisonMetrics.P99].Values[0], one.Policies[0][ComparisonMetrics.P99].Values[1]);
    }

    [Fact]
    public void Run_FirstSeed_IsWhatASingleSimulationGives()
    {
        var scenario = Climb();

        var policy = ScenarioComparison.Run(scenario, Two, new ComparisonOptions { Seeds = [7] }).Policies[0];

        var alone = Simulator.Run(new SimulationProblem
        {
            Cluster = scenario.Problem,
            Arrivals = scenario.Trace().Arrivals,
            Policy = scenario.Setup(PlanningPolicies.Loki).Create(new ServerlessLoki.Solver.BranchAndBoundSolver(), null),
            Options = new SimulationOptions { Seed = 7 },
        });
        Assert.Equal(alone.Seconds, policy.Timeline!.Seconds);
        Assert.Equal(alone.Total, policy.Metrics[0]);
        Assert.Equal(alone.Cost * 3600 / 12, policy[ComparisonMetrics.CostPerHour].Mean, 9);
        Assert.Equal(alone.Plans.Length - 1, policy[ComparisonMetrics.PlanChanges].Mean);
    }

    [Fact]
    public void Run_Timeline_ShowsTheVariantsOfThePlanInForce()
    {
        var timeline = ScenarioComparison.Run(Climb(), Two).Policies[0].Timeline!;

        var accurate = Assert.Single(timeline.Variants, v => v.Name == "a00");
        var fast = Assert.Single(timeline.Variants, v => v.Name == "a01");
        Assert.True(accurate.Slots[3] > 0 && fast.Slots[3] == 0);
        Assert.True(fast.Slots[10] > 0);
        Assert.Equal(timeline.Seconds.Length, fast.Slots.Length);
    }

    [Fact]
    public void Run_PolicyThatCannotPlanThis_IsListedWithItsReason()
    {
        var result = ScenarioComparison.Run(Climb(tasks: 2), [PlanningPolicies.Loki, PlanningPolicies.InfAdapter]);

        Assert.Null(result.Policies[0].Refused);
        Assert.Contains("task", result.Policies[1].Refused, StringComparison.Ordinal);
        Assert.True(double.IsNaN(result.Policies[1][ComparisonMetrics.Attainment].Mean));
        Assert.Null(result.Policies[1].Timeline);
    }

    [Fact]
    public void Run_SetupsOfTheScenario_KeepTheirLabelsAndRules()
    {
        var patient = PolicySetup.Plain(PlanningPolicies.HardwareOnly, PolicyRegistry.Default) with
        {
            Label = "patient", Simulation = new SimulationOptions { Admission = AdmissionRule.All, Drop = DropRule.Never },
        };

        var result = ScenarioComparison.Run(Climb() with { Policies = [patient] }, ["patient", PlanningPolicies.HardwareOnly]);

        Assert.Equal(["patient", PlanningPolicies.HardwareOnly], result.Policies.Select(p => p.Label));
        Assert.Equal(0, result.Policies[0][ComparisonMetrics.Rejected].Mean);
        Assert.True(result.Policies[0][ComparisonMetrics.Late].Mean > result.Policies[1][ComparisonMetrics.Late].Mean);
    }

    [Fact]
    public void Run_Progress_EndsWithAll()
    {
        var seen = new List<ComparisonProgress>();

        ScenarioComparison.Run(Climb(), Two, progress: new Collect(seen));

        Assert.Equal((1, 6, 6), (seen[^1].Share, seen[^1].Done, seen[^1].Runs));
        Assert.True(seen.Count > 100);
        Assert.Equal(seen.Select(p => p.Share).Order(), seen.Select(p => p.Share));
    }

    [Fact]
    public void Run_Clock_GivesPlanTimes()
    {
        var policy = ScenarioComparison.Run(Climb(), Two, new ComparisonOptions { Clock = TimeProvider.System }).Policies[0];

        Assert.True(policy[ComparisonMetrics.PlanMax].Mean >= policy[ComparisonMetrics.PlanMedian].Mean);
        Assert.NotEmpty(policy.Timeline!.PlanTimesMs);
        Assert.True(double.IsNaN(ScenarioComparison.Run(Climb(), Two).Policies[0][ComparisonMetrics.PlanMax].Mean));
    }

    [Theory]
    [InlineData("lokki", "did you mean \"loki\"?")]
    [InlineData("loki,loki", "named twice")]
    public void Run_BadNames_SaySo(string names, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => ScenarioComparison.Run(Climb(), names.Split(','))).Message, StringComparison.Ordinal);

    [Fact]
    public void Run_UnknownTraffic_SaysSo() => Assert.Contains(
        "known: steps",
        Assert.Throws<ArgumentException>(() => ScenarioComparison.Run(Climb(), Two, new ComparisonOptions { Trace = "x" })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Run_ScenarioThatCannotBeSimulated_ThrowsTheCauseItself() => Assert.Throws<ArgumentException>(
        () => ScenarioComparison.Run(Climb() with { Simulation = new SimulationOptions { Slowdown = 0 } }, Two));

    private sealed class Collect(List<ComparisonProgress> seen) : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value) => seen.Add(value);
    }
}
