using System.Text.Json.Nodes;
using ServerlessLoki.Scenarios;

namespace ServerlessLoki.Tests.Scenarios;

public sealed class ScenarioReaderTests
{
    private const string Pipeline =
        """
        { "name": "p", "sloMs": 100, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
          "tasks": [ {"name": "a", "variants": [{"name": "a1", "model": "m", "accuracy": 0.5}, {"name": "a2", "model": "m", "accuracy": 1}]},
                     {"name": "b", "variants": [{"name": "b1", "model": "m", "accuracy": 1}]} ],
          "edges": [ {"from": "a", "to": "b"} ] }
        """;

    private const string Inline =
        $$"""
        { "$schema": "s", "name": "n", "policy": "loki",
          "pipelines": [ {"pipeline": {{Pipeline}}, "demandQps": 12.5, "fanOut": [ {"from": "a", "to": "b", "factors": {"a1": 2, "a2": 3} } ]} ],
          "devices": [ {"name": "cpu", "slots": 4, "slotShare": 0.5, "pricePerHour": 0.1} ],
          "profile": {"rows": [ {"variant": "a2", "device": "cpu", "batch": 1, "p50Ms": 3, "p90Ms": 4, "p95Ms": 5, "p99Ms": 6}, {"variant": "b1", "device": "cpu", "batch": 1, "p50Ms": 1} ]},
          "options": {"utilization": 0.8, "processingShare": 0.6, "fanOutHeadroom": 1.1, "maxBatch": 8, "fillLeftover": true, "timeLimitMs": 50} }
        """;

    private static string[] Faults(string json, Func<string, string>? read = null) =>
        [.. Assert.Throws<ScenarioFormatException>(() => ScenarioReader.Read(json, "s.json", read ?? (_ => ""))).Faults.Select(f => f.ToString())];

    [Fact]
    public void Read_Inline_GivesTheProblem()
    {
        var scenario = ScenarioReader.Read(Inline, "s.json", _ => throw new InvalidOperationException("nothing to read"));

        var problem = scenario.Problem;
        Assert.Equal(("n", "loki"), (scenario.Name, scenario.Policy));
        Assert.Equal(12.5, problem.Pipelines[0].DemandQps);
        Assert.Equal((2, 3), (problem.Pipelines[0].FanOut[0, 0], problem.Pipelines[0].FanOut[0, 1]));
        Assert.Equal(new ServerlessLoki.Profiles.DeviceType("cpu", 4, 0.5, 0.1), problem.Devices.Single());
        Assert.Equal([6, 1], problem.Profile.Rows.Select(r => r.P99Ms));
        Assert.Equal((0.8, 0.6, 1.1, 8, true, 50), (problem.Options.Utilization, problem.Options.ProcessingShare,
            problem.Options.FanOutHeadroom, problem.Options.MaxBatch, problem.Options.FillLeftover, problem.Options.TimeLimit.TotalMilliseconds));
    }

    [Fact]
    public void Read_Files_SameAsInline()
    {
        var scenario = ScenarioReader.Read(
            """{ "name": "n", "pipelines": [{"file": "p.json", "demandQps": 1}], "devices": [{"name": "cpu", "slots": 1}], "profile": {"csv": "p.csv"} }""",
            "s.json",
            path => path == "p.json" ? Pipeline : "variant,device,batch,p50_ms,p90_ms,p95_ms,p99_ms\na1,cpu,1,1,1,1,1\nb1,cpu,1,1,1,1,1\n");

        Assert.Equal("p", scenario.Problem.Pipelines[0].Pipeline.Name);
        Assert.Equal(2, scenario.Problem.Profile.Rows.Length);
        Assert.Equal(1, scenario.Problem.Pipelines[0].FanOut[0, 1]);
    }

    [Fact]
    public void Read_FaultsInNamedFiles_SayWhichFile()
    {
        var faults = Faults(
            """{ "name": "n", "pipelines": [{"file": "p.json", "demandQps": 1}, {"file": "gone.json", "demandQps": 1}], "devices": [{"name": "cpu", "slots": 1}], "profile": {"csv": "p.csv"} }""",
            path => path switch { "p.json" => Pipeline.Replace("100", "-1", StringComparison.Ordinal), "p.csv" => "nothing", _ => throw new FileNotFoundException("no such file") });

        Assert.Contains("p.json $.sloMs: the number is out of range; found -1; allowed: from 1 to 3600000", faults);
        Assert.Contains(faults, f => f.StartsWith("$.pipelines[1].file: the file cannot be read: no such file", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.StartsWith("p.csv line 1: unknown column", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_ManyFaults_AllListed()
    {
        var faults = Faults(
            $$"""
            { "name": "n", "policy": "lokki", "pipelines": [ {"pipeline": {{Pipeline}}, "demandQps": -1, "fanOut": [{"from": "b", "to": "a", "factor": 1}, {"from": "a", "to": "b"}]} ],
              "devices": [], "profile": {}, "options": {"utilisation": 0.5} }
            """);

        Assert.Equal(
            [
                "$.policy", "$.pipelines[0].demandQps", "$.pipelines[0].fanOut[0]", "$.pipelines[0].fanOut[1]", "$.devices", "$.profile", "$.options.utilisation",
            ],
            faults.Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]));
    }

    [Fact]
    public void Read_TaskThatNothingRuns_IsAFault() =>
        Assert.Contains("no variant of task \"b\" is profiled", Assert.Single(Faults(Inline.Replace("\"b1\", \"device\"", "\"b2\", \"device\"", StringComparison.Ordinal))), StringComparison.Ordinal);

    public static TheoryData<string, string> Places() => new()
    {
        { "", "" }, { "pipelines/0", "demand" }, { "pipelines/0/fanOut/0", "edge" }, { "devices/0", "device" },
        { "profile", "profile" }, { "profile/rows/0", "row" }, { "options", "options" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void Schema_KeysOfAnObject_SameAsTheReaders(string place, string definition)
    {
        var document = JsonNode.Parse(Inline)!;
        var target = place.Length == 0 ? document : place.Split('/').Aggregate(document, (n, s) => int.TryParse(s, out var i) ? n[i]! : n[s]!);
        target.AsObject()["zzz"] = 1;
        var schema = JsonNode.Parse(ScenarioReader.Schema)!;
        var keys = (definition.Length == 0 ? schema : schema["$defs"]![definition]!)["properties"]!.AsObject().Select(p => p.Key);

        var refused = Assert.Throws<ScenarioFormatException>(() => ScenarioReader.Read(document.ToJsonString(), "x", _ => ""));

        Assert.Equal(keys.Order(), Assert.Single(refused.Faults, f => f.Message == "unknown key").Allowed!.Split(", ").Order());
    }
}
