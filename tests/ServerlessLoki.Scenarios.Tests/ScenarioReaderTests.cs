using System.Text.Json.Nodes;
using ServerlessLoki.Simulation;
using static ServerlessLoki.Scenarios.Tests.ScenarioTexts;

namespace ServerlessLoki.Scenarios.Tests;

/// <summary>Scenario files as a whole: what is read, every fault in one go, the schema that ships.</summary>
public sealed class ScenarioReaderTests
{
    [Fact]
    public void Read_Inline_GivesTheProblem()
    {
        var scenario = Full();

        var problem = scenario.Problem;
        Assert.Equal(("n", "loki"), (scenario.Name, scenario.Policy));
        Assert.Equal(12.5, problem.Pipelines[0].DemandQps);
        Assert.Equal((2, 3), (problem.Pipelines[0].FanOut[0, 0], problem.Pipelines[0].FanOut[0, 1]));
        Assert.Equal(new ServerlessLoki.Profiles.DeviceType("cpu", 4, 0.5, 0.1), problem.Devices.Single());
        Assert.Equal([6, 1], problem.Profile.Rows.Select(r => r.P99Ms));
        Assert.Equal((0.8, 0.6, 1.1, 8, true, 50), (problem.Options.Utilization, problem.Options.ProcessingShare,
            problem.Options.FanOutHeadroom, problem.Options.MaxBatch, problem.Options.FillLeftover, problem.Options.TimeLimit.TotalMilliseconds));
        Assert.Equal((9, 0.01), (problem.Options.NodeLimit, problem.Options.RelativeGap));
        Assert.Equal(50_000, problem.Pipelines[0].Pipeline.SloUs);
        Assert.Equal(2, problem.Cores!.MinCores);
        Assert.Equal([0, 5, 9], problem.Cores.CapacityQps["a1"]);
        Assert.Equal((3, 1.5), (problem.Cores.CoresPerReplica["a2"], problem.Cores.LoadTime["b1"].TotalSeconds));
    }

    [Fact]
    public void Read_Inline_GivesTrafficAndCluster()
    {
        var scenario = Full();

        Assert.Equal(4, scenario.TrueFanOut[0][0, 1]);
        Assert.Equal(60_000_000, scenario.Trace().Arrivals.DurationUs);
        Assert.Equal("all kinds", scenario.Trace().Name);
        Assert.Equal(
            new SimulationOptions
            {
                Batching = BatchingRule.FixedSize, Drop = DropRule.Never, Admission = AdmissionRule.All, ComfortShare = 0.7, Reroute = false, Standby = false, SeparateProcesses = true,
                FanOut = FanOutDraw.Poisson, Parallelism = 3, FollowSlowdown = true,
                HostCores = new HostCores(1.9, TimeSpan.FromMilliseconds(0.5), TimeSpan.FromMilliseconds(0.25)), MaxPending = 10, Noise = new ServiceNoise(0.2), Slowdown = 1.5,
                ModelLoad = TimeSpan.FromMilliseconds(20), LoadBeside = false, ParallelLoads = 2, HopLatency = TimeSpan.FromMilliseconds(3),
                ControlPeriod = TimeSpan.FromSeconds(2), PlanOnBurst = false, AlwaysApply = true, WarmUp = TimeSpan.FromSeconds(4), Drain = TimeSpan.FromSeconds(5),
            },
            scenario.Simulation);
        Assert.Equal(new SlotFailure(0, 3, 1_500_000, 2_000_000), Assert.Single(scenario.Failures));
        Assert.Equal("max(ewma, rising-trend)", scenario.Forecaster!().Name);
        Assert.Equal([7UL, 8UL], scenario.Seeds);
    }

    [Fact]
    public void Read_Objective_Weights()
    {
        var json = JsonNode.Parse(Inline)!.AsObject();
        json["options"]!["objective"] = new JsonObject { ["accuracy"] = 2, ["cost"] = 0.5 };

        Assert.Equal(
            new ServerlessLoki.Planning.ObjectiveWeights { Accuracy = 2, Cost = 0.5 },
            ScenarioReader.Read(json.ToJsonString(), "s.json", _ => Trace).Problem.Options.Objective);
    }

    [Fact]
    public void Read_FaultsAllOverTheCluster_AllListed()
    {
        var json = JsonNode.Parse(Inline)!.AsObject();
        json["cores"]!["capacityQps"]!["a1"]![0] = 1;
        json["cores"]!["perReplica"]!["zz"] = 1;
        json["simulation"]!["drop"] = "sometimes";
        json["simulation"]!["noise"] = "loud";
        json["failures"]![0]!["slot"] = 4;
        json["forecaster"] = "oracle";
        json["policies"]![0]!["options"]!["speed"] = 1;
        json["policies"]!.AsArray().Add(new JsonObject { ["label"] = "tight", ["policy"] = "loki", ["options"] = new JsonObject { ["x"] = 1 } });
        json["seeds"] = new JsonArray(1, 1);

        Assert.Equal(
            [
                "$.cores.capacityQps.a1", "$.cores.perReplica.zz", "$.failures[0].slot", "$.forecaster", "$.policies[0].options.speed", "$.policies[1]",
                "$.policies[1].options.x", "$.seeds", "$.simulation.drop", "$.simulation.noise",
            ],
            Faults(json.ToJsonString()).Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
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
                "$.pipelines[0].demandQps", "$.pipelines[0].fanOut[0]", "$.pipelines[0].fanOut[1]", "$.devices", "$.profile", "$.options.utilisation", "$.policy",
            ],
            faults.Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]));
    }

    [Fact]
    public void Read_NoSlotAtAll_IsAFault() => Assert.Contains(
        "$.devices: no device type has a slot, so nothing can run; found 0 slots; allowed: at least one slot in all",
        Faults(Inline.Replace("\"slots\": 4", "\"slots\": 0", StringComparison.Ordinal)));

    [Fact]
    public void Read_TaskThatNothingRuns_IsAFault() =>
        Assert.Contains("no variant of task \"b\" is profiled", Assert.Single(Faults(Inline.Replace("\"b1\", \"device\"", "\"b2\", \"device\"", StringComparison.Ordinal))), StringComparison.Ordinal);

    public static TheoryData<string, string> Places() => new()
    {
        { "", "" }, { "pipelines/0", "demand" }, { "pipelines/0/fanOut/0", "edge" }, { "devices/0", "device" },
        { "profile", "profile" }, { "profile/rows/0", "row" }, { "options", "options" },
        { "cores", "cores" }, { "traffic/0", "traffic" }, { "traffic/0/parts/0", "poisson" }, { "traffic/0/parts/1", "gamma" }, { "traffic/0/parts/2", "modulated" },
        { "traffic/0/parts/2/states/0", "state" }, { "traffic/0/parts/3", "diurnal" }, { "traffic/0/parts/4", "step" }, { "traffic/0/parts/4/steps/0", "oneStep" },
        { "traffic/0/parts/5", "rates" }, { "traffic/0/parts/6", "timestamps" }, { "simulation", "simulation" }, { "failures/0", "failure" },
        { "policies/0", "policy" }, { "policies/0/planning", "options" }, { "policies/0/simulation", "simulation" },
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

        var refused = Assert.Throws<ScenarioFormatException>(() => ScenarioReader.Read(document.ToJsonString(), "x", _ => Trace));

        Assert.Equal(keys.Order(), Assert.Single(refused.Faults, f => f.Message == "unknown key").Allowed!.Split(", ").Order());
    }
}
