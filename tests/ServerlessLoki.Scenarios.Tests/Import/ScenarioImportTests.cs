using ServerlessLoki.Planning;
using ServerlessLoki.Scenarios.Import;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Scenarios.Tests.Import;

/// <summary>The public layouts become the instances that the golden tables rest on.</summary>
public sealed class ScenarioImportTests
{
    private static Scenario Import(string system, string? chosen = null) =>
        ScenarioImport.Read(system, "x", new ResearchFolder(system), chosen).Read(system);

    private static Plan Plan(Scenario scenario, string policy, double? qps = null)
    {
        var problem = scenario.Problem;
        if (qps is { } total)
        {
            var share = total / problem.Pipelines.Sum(p => p.DemandQps);
            problem = problem with { Pipelines = [.. problem.Pipelines.Select(p => p with { DemandQps = p.DemandQps * share })] };
        }

        return scenario.Setup(policy).Create(new BranchAndBoundSolver(), null).Plan(problem, TestContext.Current.CancellationToken);
    }

    private static (int Count, double Seconds) Measure(IArrivals arrivals)
    {
        var stream = arrivals.Open(1);
        var (count, last) = (0, 0L);
        while (stream.TryNext(out var arrival))
            (count, last) = (count + 1, arrival.AtUs);
        return (count, last / 1e6);
    }

    [Fact]
    public void Loki_PlansAsTheGoldenInstance()
    {
        var imported = Import("loki");
        var golden = LokiInstance.Problem(300);

        var plan = Plan(imported, PlanningPolicies.Loki, 300);

        var expected = PlanningPolicies.Create(PlanningPolicies.Loki, new BranchAndBoundSolver()).Plan(golden, TestContext.Current.CancellationToken);
        Assert.Equal(expected.Accuracy, plan.Accuracy, 1e-9);
        Assert.Equal(18, imported.Problem.Devices.Single().Slots);
    }

    [Fact]
    public void Loki_Traffic_SpansThePublishedRates()
    {
        foreach (var trace in Import("loki").Traces)
        {
            var (count, seconds) = Measure(trace.Arrivals);
            Assert.InRange(seconds, 280, 340);
            Assert.InRange(count / seconds, 50, 425);
        }
    }

    [Fact]
    public void Loki_Corrected_RanksTheMiddleDetectorsTheOtherWay() =>
        Assert.True(Import("loki", "corrected").Problem.Pipelines[0].Pipeline.Root.Variants[1].Accuracy
            > Import("loki").Problem.Pipelines[0].Pipeline.Root.Variants[1].Accuracy);

    [Fact]
    public void Proteus_HasTheWholeTrace()
    {
        var scenario = Import("proteus");

        var (count, seconds) = Measure(scenario.Trace().Arrivals);
        Assert.Equal(112_861, count);
        Assert.Equal(291.7, seconds, 0.1);
        Assert.Equal(9, scenario.Problem.Pipelines.Length);
        Assert.Equal(46, scenario.Problem.Pipelines.Sum(p => p.Pipeline.Root.Variants.Length));
        Assert.Equal(40, scenario.Problem.Devices.Sum(d => d.Slots));
    }

    [Fact]
    public void Proteus_PlansAsTheGoldenInstance()
    {
        var golden = ProteusInstance.Problem(500);
        var shares = golden.Pipelines.ToDictionary(p => p.Pipeline.Name, p => p.DemandQps, StringComparer.Ordinal);
        var imported = Import("proteus");
        var problem = imported.Problem with
        {
            Pipelines = [.. imported.Problem.Pipelines.Select(p => p with { DemandQps = shares[p.Pipeline.Name] })], Options = golden.Options,
        };

        var policy = PlanningPolicies.Create(PlanningPolicies.Proteus, new BranchAndBoundSolver());

        Assert.Equal(
            policy.Plan(golden, TestContext.Current.CancellationToken).Accuracy, policy.Plan(problem, TestContext.Current.CancellationToken).Accuracy, 2e-4);
    }

    [Fact]
    public void InfAdapter_HasTablesAndRates()
    {
        var scenario = Import("infadapter");

        Assert.Equal(["evaluation-main", "evaluation-alternative"], scenario.Traces.Select(t => t.Name));
        var (count, seconds) = Measure(scenario.Trace().Arrivals);
        Assert.Equal(96.6, count / seconds, 1.0);
        Assert.Equal(21, scenario.Problem.Cores!.CapacityQps["resnet18"].Length);
        Assert.Equal(2, scenario.Problem.Cores.MinCores);
        // InfAdapter's capacity under an SLO: one core of the lightest answers about 25 a second.
        Assert.InRange(scenario.Problem.Profile.Find("resnet18", "core")!.ThroughputQps(1), 20, 32);
        var plan = Plan(scenario, PlanningPolicies.InfAdapter, 60);
        Assert.InRange(plan.SlotsTaken, 2, 20);
    }

    [Theory]
    [InlineData("video", 6890, 12.0)]
    [InlineData("audio-qa", 9230, 12.0)]
    public void Ipa_HasPipelinesAndRates(string chosen, double sloMs, double meanQps)
    {
        var scenario = Import("ipa", chosen);

        Assert.Equal(sloMs * 1000, scenario.Problem.Pipelines[0].Pipeline.SloUs);
        var (count, seconds) = Measure(scenario.Trace().Arrivals);
        Assert.Equal(meanQps, count / seconds, 0.5);
        Assert.Equal(["bursty", "steady-low"], scenario.Traces.Select(t => t.Name));
    }

    [Fact]
    public void Ipa_PlansAsTheGoldenInstance()
    {
        var golden = IpaInstance.Problem("video", 6.89, 10);

        var plan = Plan(Import("ipa"), PlanningPolicies.Ipa, 10);

        var weights = new ServerlessLoki.Planning.Policies.Ipa.IpaOptions { AccuracyWeight = 2, CoreWeight = 1 };
        var expected = new ServerlessLoki.Planning.Policies.IpaPolicy(weights).Plan(golden, TestContext.Current.CancellationToken);
        Assert.Equal(expected.SlotsTaken, plan.SlotsTaken);
        Assert.Equal(expected.Accuracy, plan.Accuracy, 9);
    }

    [Theory]
    [InlineData("video", "fa2-high", "yolov5s", "resnet101")]
    [InlineData("audio-qa", "fa2-low", "facebook-s2t-small-librispeech-asr", "deepset-xlm-roberta-base-squad2")]
    public void Ipa_Baselines_ArePinnedAsPublished(string chosen, string policy, params string[] variants)
    {
        var scenario = Import("ipa", chosen);

        var plan = Plan(scenario, policy, 5);

        Assert.Equal(variants, plan.Slots.OrderBy(s => s.Task).Select(s => scenario.Problem.Pipelines[0].Pipeline.Tasks[s.Task].Variants[s.Variant].Name));
    }
}
