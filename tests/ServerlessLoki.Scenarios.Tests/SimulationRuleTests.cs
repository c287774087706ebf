using System.Text.Json.Nodes;
using ServerlessLoki.Scenarios.Comparison;
using ServerlessLoki.Simulation;
using static ServerlessLoki.Scenarios.Tests.ScenarioTexts;

namespace ServerlessLoki.Scenarios.Tests;

/// <summary>Rules of the simulated cluster in a scenario file: all have a name, and a name changes what is simulated.</summary>
public sealed class SimulationRuleTests
{
    // One slot that needs pairs for 120 queries a second; two queries come.
    private const string Pairs =
        """
        { "name": "pairs",
          "pipelines": [ {"pipeline": { "name": "p", "sloMs": 100, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
            "tasks": [ {"name": "a", "variants": [{"name": "a1", "model": "m", "accuracy": 1}]} ] }, "demandQps": 120} ],
          "devices": [ {"name": "cpu", "slots": 1} ],
          "profile": {"rows": [ {"variant": "a1", "device": "cpu", "batch": 1, "p50Ms": 10}, {"variant": "a1", "device": "cpu", "batch": 2, "p50Ms": 15} ]},
          "traffic": [ {"name": "two", "parts": [ {"kind": "timestamps", "csv": "two.csv"} ]} ],
          "simulation": {"admission": "all"}, "seeds": [1] }
        """;

    /// <summary>Rule, and the mean and the larger latency of the two queries at 0 and 20 ms.</summary>
    public static TheoryData<string, double, double> Rules() => new()
    {
        // The first waits for company as long as a pair takes, 15 ms; the second the same after it.
        { "deadline", 27.5, 30 },
        { "fixed-size", 10, 10 },
        // One batch of both, from 20 to 35 ms.
        { "full-batch", 25, 35 },
        // The first batch is to have one row, the second two: it waits 2 ms for another.
        { "aimd", 11, 12 },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Run_BatchingOfTheScenario_ChangesTheBatches(string rule, double meanMs, double mostMs)
    {
        var json = JsonNode.Parse(Pairs)!;
        json["simulation"]!["batching"] = rule;

        Assert.Equal((meanMs, mostMs), Run(json, "loki"));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Run_BatchingOfOnePolicy_ChangesItsBatchesOnly(string rule, double meanMs, double mostMs)
    {
        var json = JsonNode.Parse(Pairs)!;
        json["simulation"]!["batching"] = "fixed-size";
        json["policies"] = new JsonArray(
            new JsonObject { ["label"] = "own", ["policy"] = "loki", ["simulation"] = new JsonObject { ["batching"] = rule } }, new JsonObject { ["policy"] = "loki" });

        Assert.Equal((meanMs, mostMs), Run(json, "own"));
        Assert.Equal((10, 10), Run(json, "loki"));
    }

    [Fact]
    public void Read_EveryRuleOfTheSimulator_HasItsName()
    {
        All("batching", o => o.Batching, "deadline", "fixed-size", "full-batch", "aimd");
        All("drop", o => o.Drop, "every-task", "last-task", "never", "twice-objective");
        All("admission", o => o.Admission, "backlog", "all");
        All("fanOutDraw", o => o.FanOut, "rounded", "poisson", "geometric");

        static void All<T>(string key, Func<SimulationOptions, T> read, params string[] names) where T : struct, Enum
        {
            var schema = JsonNode.Parse(ScenarioReader.Schema)!["$defs"]!["simulation"]!["properties"]![key]!["enum"]!.AsArray();

            Assert.Equal(names, schema.Select(n => n!.GetValue<string>()));
            Assert.Equal(Enum.GetValues<T>(), names.Select(n => read(Read(With(key, n)).Simulation)));
            Assert.Equal(Enum.GetValues<T>(), names.Select(n => read(Read(WithOwn(key, n)).Setup("tight").Simulation!)));
        }
    }

    [Fact]
    public void Read_UnknownRules_SayWhereAndWhatIsAllowed()
    {
        var json = JsonNode.Parse(With("batching", "aim"))!;
        json["policies"]![0]!["simulation"]!["batching"] = "full";

        var refused = Assert.Throws<ScenarioFormatException>(() => ScenarioReader.Read(json.ToJsonString(), "s.json", _ => Trace));

        Assert.Equal(["$.simulation.batching", "$.policies[0].simulation.batching"], refused.Faults.Select(f => f.Path));
        Assert.Equal(["\"aim\"", "\"full\""], refused.Faults.Select(f => f.Found));
        Assert.All(refused.Faults, f => Assert.All(["deadline", "fixed-size", "full-batch", "aimd"], name => Assert.Contains(name, f.Allowed, StringComparison.Ordinal)));
    }

    private static (double MeanMs, double MostMs) Run(JsonNode json, string policy)
    {
        var scenario = ScenarioReader.Read(json.ToJsonString(), "s.json", _ => "at_ms\n0\n20\n");
        var total = ScenarioComparison.Run(scenario, [policy], cancellationToken: TestContext.Current.CancellationToken).Policies[0].Metrics[0];
        Assert.Equal(2, total.OnTime);
        return (total.MeanLatencyUs / 1000, total.MaxLatencyUs / 1000.0);
    }

    private static Scenario Read(string json) => ScenarioReader.Read(json, "s.json", _ => Trace);

    private static string With(string key, string name)
    {
        var json = JsonNode.Parse(Inline)!;
        json["simulation"]![key] = name;
        return json.ToJsonString();
    }

    private static string WithOwn(string key, string name)
    {
        var json = JsonNode.Parse(Inline)!;
        json["policies"]![0]!["simulation"]![key] = name;
        return json.ToJsonString();
    }
}
