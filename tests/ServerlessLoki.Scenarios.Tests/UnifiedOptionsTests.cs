using System.Text.Json.Nodes;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies.Unified;
using ServerlessLoki.Solver;
using ServerlessLoki.Validation;
using static ServerlessLoki.Scenarios.Tests.ScenarioTexts;

namespace ServerlessLoki.Scenarios.Tests;

/// <summary>Constants of <c>unified</c> in a scenario file: what is read, its bounds, and that the schema says the same.</summary>
public sealed class UnifiedOptionsTests
{
    private static JsonObject Schema => JsonNode.Parse(ScenarioReader.Schema)!["$defs"]!["unifiedOptions"]!["properties"]!.AsObject();

    public static TheoryData<string, double, double, double> Bounds() => new()
    {
        { "historySeconds", 0, 3600, 60 }, { "missedShare", 0.0001, 0.99, 0.005 }, { "forecastReserve", 0, 0.99, 0.05 }, { "rounds", 1, 100, 3 },
        { "gap", 0, 1, 0.001 }, { "nodes", 1, 1e9, 100 }, { "swapAccuracy", 0, 1, 0.001 }, { "loadTimes", 0.01, 1000, 4 }, { "replayRows", 100, 1e7, 60_000 },
    };

    [Fact]
    public void Read_Nothing_Defaults() => Assert.Equal(new UnifiedOptions(), Options("{}"));

    [Fact]
    public void Read_Everything_Taken() => Assert.Equal(
        new UnifiedOptions
        {
            History = TimeSpan.FromSeconds(30.5), MissedShare = 0.01, ForecastReserve = 0.2, Rounds = 2, Gap = 0.05, Nodes = 800_000_000, SwapAccuracy = 0.02, LoadTimes = 2.5,
            ReplayRows = 5000,
        },
        Options("""{"historySeconds": 30.5, "missedShare": 0.01, "forecastReserve": 0.2, "rounds": 2, "gap": 0.05, "nodes": 800000000, "swapAccuracy": 0.02, "loadTimes": 2.5, "replayRows": 5000}"""));

    [Theory]
    [MemberData(nameof(Bounds))]
    public void Read_AtAndBeyondEachBound_TakenAndRefused(string option, double least, double most, double defaults)
    {
        var step = Schema[option]!["type"]!.GetValue<string>() == "integer" ? 1 : 1e-5;

        Assert.All([least, most, defaults], x => Assert.Equal("unified", Setup(option, x).Setup("own").Create(new BranchAndBoundSolver(), null).Name));
        Assert.All([least - step, most + step], x => Assert.StartsWith($"$.policies[1].options.{option}: ", Assert.Single(Faults(With(option, x))), StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Bounds))]
    public void Schema_EachOption_SaysBoundsAndDefault(string option, double least, double most, double defaults)
    {
        var schema = Schema[option]!;

        Assert.Equal((least, most, defaults), (schema["minimum"]!.GetValue<double>(), schema["maximum"]!.GetValue<double>(), schema["default"]!.GetValue<double>()));
        Assert.Equal(new UnifiedOptions(), Options(new JsonObject { [option] = schema["default"]!.DeepClone() }.ToJsonString()));
        Assert.NotEmpty(schema["description"]!.GetValue<string>());
    }

    [Fact]
    public void Read_SeveralFaults_AllListedWithFoundAndAllowed()
    {
        var json = JsonNode.Parse(With("rounds", 0))!;
        json["policies"]![1]!["options"]!["missedShare"] = "few";
        json["policies"]![1]!["options"]!["reserve"] = 0.1;

        var refused = Assert.Throws<ScenarioFormatException>(() => ScenarioReader.Read(json.ToJsonString(), "s.json", _ => Trace));

        Assert.Equal(
            ["$.policies[1].options.missedShare", "$.policies[1].options.reserve", "$.policies[1].options.rounds"], refused.Faults.Select(f => f.Path).Order(StringComparer.Ordinal));
        Assert.Equal(Schema.Select(p => p.Key).Order(), refused.Faults.Single(f => f.Message == "unknown key").Allowed!.Split(", ").Order());
        var rounds = refused.Faults.Single(f => f.Path.EndsWith("rounds", StringComparison.Ordinal));
        Assert.Equal(("0", "a whole number from 1 to 100"), (rounds.Found, rounds.Allowed));
    }

    [Fact]
    public void Create_LargerReserve_PlansMoreSlots()
    {
        // One slot answers 100 queries a second.
        var scenario = ScenarioReader.Read(
            $$"""
            { "name": "n", "pipelines": [ {"pipeline": {{Pipeline}}, "demandQps": 150} ], "devices": [ {"name": "cpu", "slots": 40} ],
              "profile": {"rows": [ {"variant": "a2", "device": "cpu", "batch": 1, "p50Ms": 10}, {"variant": "b1", "device": "cpu", "batch": 1, "p50Ms": 10} ]},
              "policies": [ {"label": "usual", "policy": "unified"}, {"label": "wary", "policy": "unified", "options": {"forecastReserve": 0.6} } ] }
            """,
            "s.json", _ => "");

        var (usual, wary) = (Plan(scenario, "usual"), Plan(scenario, "wary"));

        Assert.Equal((1, 1), (usual.ServedShare[0], wary.ServedShare[0]));
        // 2 × 150 rows/s on 40 % of 100/s.
        Assert.True(wary.SlotsTaken >= 8, $"{wary.SlotsTaken} slots");
        Assert.InRange(usual.SlotsTaken, 4, wary.SlotsTaken - 1);
    }

    private static Plan Plan(Scenario scenario, string label) => scenario.Setup(label).Create(new BranchAndBoundSolver(), null).Plan(scenario.Problem, TestContext.Current.CancellationToken);

    private static UnifiedOptions Options(string json)
    {
        var faults = new FaultList();
        var options = UnifiedOptionsReader.Read(Validation.JsonValue.Parse(json, faults)!.Value);
        Assert.Equal(0, faults.Count);
        return options;
    }

    private static Scenario Setup(string option, double value) => ScenarioReader.Read(With(option, value), "s.json", _ => Trace);

    private static string With(string option, double value)
    {
        var json = JsonNode.Parse(Inline)!.AsObject();
        json["policies"]!.AsArray().Add(new JsonObject { ["label"] = "own", ["policy"] = "unified", ["options"] = new JsonObject { [option] = JsonNode.Parse(value.ToString("0.#####", System.Globalization.CultureInfo.InvariantCulture)) } });
        return json.ToJsonString();
    }
}
