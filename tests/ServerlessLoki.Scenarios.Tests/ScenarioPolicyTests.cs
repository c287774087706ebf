using System.Text.Json.Nodes;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Simulation;
using ServerlessLoki.Solver;
using static ServerlessLoki.Scenarios.Tests.ScenarioTexts;

namespace ServerlessLoki.Scenarios.Tests;

/// <summary>Policies of a scenario with options of their own.</summary>
public sealed class ScenarioPolicyTests
{
    [Fact]
    public void Read_PolicyOfItsOwn_ChangesOnlyWhatItSays()
    {
        var scenario = Full();

        var tight = scenario.Setup("tight");

        Assert.Equal("ipa", tight.Create(new BranchAndBoundSolver(), null).Name);
        Assert.Equal(scenario.Problem.Options with { Utilization = 0.5 }, tight.Options);
        Assert.Equal(scenario.Simulation with { Drop = DropRule.LastTask }, tight.Simulation);
        Assert.Equal("peak-window", tight.Forecaster!().Name);
        Assert.Null(scenario.Setup("ipa").Options);
    }

    [Theory]
    [InlineData("fa2-low", """{"coreWeight": 2, "variants": {"a": "a1"}}""")]
    [InlineData("fa2-high", """{"variants": {"a": "a2"}}""")]
    [InlineData("rim", """{"accuracyWeight": 2, "replicas": {"a": 3, "b": 1}}""")]
    [InlineData("model-switching", """{"resourceWeight": 0.1, "loadingWeight": 0}""")]
    [InlineData("vpa", """{"variants": {"a": "a1"}, "qpsPerCore": {"a1": 20}, "percentile": 0.95, "margin": 1.2, "windowSeconds": 120, "intervalSeconds": 20, "shrinkAfter": 2}""")]
    [InlineData("sommelier", """{"headroom": 1.2, "wholeQps": true}""")]
    [InlineData("slackfit", """{"buckets": 12}""")]
    [InlineData("infaas", """{"slack": 0.9, "downscaleSlack": 0.3}""")]
    [InlineData("inferline", """{"sampleQueries": 100, "exactSettings": 50, "hopMs": 1, "variants": {"a": "a1"}}""")]
    [InlineData("inferline-relative", """{"tolerance": 0.4, "stepLimit": 3, "stableSeconds": 20, "plannerPeriodSeconds": 60}""")]
    public void Read_OptionsOfAPolicy_Taken(string policy, string options)
    {
        var json = JsonNode.Parse(Inline)!.AsObject();
        json["policies"]!.AsArray().Add(new JsonObject { ["label"] = "own", ["policy"] = policy, ["options"] = JsonNode.Parse(options) });

        Assert.Equal(policy, ScenarioReader.Read(json.ToJsonString(), "s.json", _ => Trace).Setup("own").Create(new BranchAndBoundSolver(), null).Name);
    }

    [Fact]
    public void Read_PolicyAndForecasterOfTheCallers_AreKnownByName()
    {
        var json = JsonNode.Parse(Inline)!.AsObject();
        json["policy"] = "own";
        json["forecaster"] = "calm:3";
        json["policies"]!.AsArray().Add(new JsonObject { ["label"] = "patient", ["policy"] = "own", ["forecaster"] = "calm" });
        var names = new ScenarioNames
        {
            Policies = PolicyRegistry.Default.With(new PolicyEntry("own", "loki, called otherwise", (s, c) => new OwnPolicy(new LokiPolicy(s, c)))),
            Forecasters = ForecasterRegistry.Default.With(new ForecasterEntry("calm", "a long mean", x => new EwmaForecaster(x ?? 60)) { Figure = "samples" }),
        };

        var scenario = ScenarioReader.Read(json.ToJsonString(), "s.json", _ => Trace, names);

        Assert.Equal("own", scenario.Policy);
        Assert.All(["own", "patient"], name => Assert.Equal("own", scenario.Setup(name).Create(new BranchAndBoundSolver(), null).Name));
        Assert.Equal("ewma", scenario.Forecaster!().Name);
        Assert.Equal(4, Faults(json.ToJsonString()).Length);
    }

    [Theory]
    [InlineData("rim", """{"replicas": {"a": 0}}""", "$.policies[1].options.replicas.a")]
    [InlineData("rim", """{"replicas": 3}""", "$.policies[1].options.replicas")]
    [InlineData("fa2-low", """{"variants": {"a": 1}}""", "$.policies[1].options.variants.a")]
    [InlineData("vpa", """{"windowSeconds": 10}""", "$.policies[1].options.windowSeconds")]
    [InlineData("model-switching", """{"singleVariant": false}""", "$.policies[1].options.singleVariant")]
    [InlineData("infaas", """{"slack": 0.3}""", "$.policies[1].options")]
    [InlineData("inferline", """{"stepLimit": 1}""", "$.policies[1].options.stepLimit")]
    public void Read_BadOptionsOfAPolicy_SaysWhere(string policy, string options, string path)
    {
        var json = JsonNode.Parse(Inline)!.AsObject();
        json["policies"]!.AsArray().Add(new JsonObject { ["label"] = "own", ["policy"] = policy, ["options"] = JsonNode.Parse(options) });

        Assert.StartsWith(path + ": ", Assert.Single(Faults(json.ToJsonString())), StringComparison.Ordinal);
    }

    private sealed class OwnPolicy(IPlanningPolicy inner) : IPlanningPolicy
    {
        public string Name => "own";

        public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default) => inner.Plan(problem, cancellationToken) with { Policy = Name };
    }
}
