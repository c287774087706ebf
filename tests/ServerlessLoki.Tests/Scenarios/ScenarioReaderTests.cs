using System.Text.Json.Nodes;
using ServerlessLoki.Planning.Solving;
using ServerlessLoki.Scenarios;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;

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

    private const string Trace = "at_ms,latency_ms,min_accuracy\n500,,\n100,40,0.9\n";

    private const string Inline =
        $$"""
        { "$schema": "s", "name": "n", "policy": "loki",
          "pipelines": [ {"pipeline": {{Pipeline}}, "sloMs": 50, "demandQps": 12.5, "fanOut": [ {"from": "a", "to": "b", "factors": {"a1": 2, "a2": 3} } ], "trueFanOut": [ {"from": "a", "to": "b", "factor": 4} ]} ],
          "devices": [ {"name": "cpu", "slots": 4, "slotShare": 0.5, "pricePerHour": 0.1} ],
          "profile": {"rows": [ {"variant": "a2", "device": "cpu", "batch": 1, "p50Ms": 3, "p90Ms": 4, "p95Ms": 5, "p99Ms": 6}, {"variant": "b1", "device": "cpu", "batch": 1, "p50Ms": 1} ]},
          "options": {"utilization": 0.8, "processingShare": 0.6, "fanOutHeadroom": 1.1, "maxBatch": 8, "fillLeftover": true, "timeLimitMs": 50, "nodeLimit": 9, "relativeGap": 0.01},
          "cores": {"minCores": 2, "capacityQps": {"a1": [0, 5, 9]}, "perReplica": {"a2": 3}, "loadSeconds": {"b1": 1.5} },
          "traffic": [ {"name": "all kinds", "parts": [
            {"kind": "poisson", "qps": 1, "seconds": 10}, {"kind": "gamma", "pipeline": "p", "qps": 1, "squaredCv": 4, "seconds": 20},
            {"kind": "modulated", "states": [ {"qps": 1, "meanSeconds": 5}, {"qps": 3, "meanSeconds": 2} ], "seconds": 30},
            {"kind": "diurnal", "lowQps": 1, "highQps": 2, "periodSeconds": 10, "seconds": 40},
            {"kind": "step", "steps": [ {"qps": 1, "toQps": 3, "seconds": 50} ]},
            {"kind": "rates", "qps": [1, 2, 3], "stepSeconds": 20, "rangeQps": [10, 30]},
            {"kind": "timestamps", "csv": "trace.csv"} ]} ],
          "simulation": {"like": "embedded-host", "batching": "fixed-size", "drop": "never", "admission": "all", "comfortShare": 0.7, "reroute": false, "rescueStranded": false, "headroom": false, "standby": false,
            "fanOutDraw": "poisson", "parallelism": 3, "maxPending": 10, "noise": 0.2, "slowdown": 1.5, "modelLoadMs": 20, "loadBeside": false, "parallelLoads": 2,
            "hopMs": 3, "controlPeriodMs": 2000, "planOnBurst": false, "alwaysApply": true, "warmUpSeconds": 4, "drainSeconds": 5},
          "failures": [ {"device": "cpu", "slot": 3, "atSeconds": 1.5, "forSeconds": 2} ],
          "forecaster": "ewma:2+rising-trend",
          "policies": [ {"label": "tight", "policy": "ipa", "options": {"coreWeight": 2}, "planning": {"utilization": 0.5}, "simulation": {"drop": "last-task"}, "forecaster": "peak-window"} ],
          "seeds": [7, 8] }
        """;

    private static Scenario Full() => ScenarioReader.Read(Inline, "s.json", _ => Trace);

    private static string[] Faults(string json, Func<string, string>? read = null) =>
        [.. Assert.Throws<ScenarioFormatException>(() => ScenarioReader.Read(json, "s.json", read ?? (_ => Trace))).Faults.Select(f => f.ToString())];

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
                Batching = BatchingRule.FixedSize, Drop = DropRule.Never, Admission = AdmissionRule.All, ComfortShare = 0.7, Reroute = false, Standby = false,
                FanOut = FanOutDraw.Poisson, Parallelism = 3, MaxPending = 10, Noise = new ServiceNoise(0.2), Slowdown = 1.5,
                ModelLoad = TimeSpan.FromMilliseconds(20), LoadBeside = false, ParallelLoads = 2, HopLatency = TimeSpan.FromMilliseconds(3),
                ControlPeriod = TimeSpan.FromSeconds(2), PlanOnBurst = false, AlwaysApply = true, WarmUp = TimeSpan.FromSeconds(4), Drain = TimeSpan.FromSeconds(5),
            },
            scenario.Simulation);
        Assert.Equal(new SlotFailure(0, 3, 1_500_000, 2_000_000), Assert.Single(scenario.Failures));
        Assert.Equal("max(ewma, rising-trend)", scenario.Forecaster!().Name);
        Assert.Equal([7UL, 8UL], scenario.Seeds);
    }

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
    [InlineData("infaas", """{"slack": 0.9, "downscaleSlack": 0.3}""")]
    [InlineData("inferline", """{"sampleQueries": 100, "exactSettings": 50, "hopMs": 1, "variants": {"a": "a1"}}""")]
    [InlineData("inferline-relative", """{"tolerance": 0.4, "stepLimit": 3, "stableSeconds": 20, "plannerPeriodSeconds": 60}""")]
    public void Read_OptionsOfAPolicy_Taken(string policy, string options)
    {
        var json = JsonNode.Parse(Inline)!.AsObject();
        json["policies"]!.AsArray().Add(new JsonObject { ["label"] = "own", ["policy"] = policy, ["options"] = JsonNode.Parse(options) });

        Assert.Equal(policy, ScenarioReader.Read(json.ToJsonString(), "s.json", _ => Trace).Setup("own").Create(new BranchAndBoundSolver(), null).Name);
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
    public void Read_RecordedTrace_InOrderWithItsBounds()
    {
        var scenario = ScenarioReader.Read(
            OneTraffic("""{"kind": "timestamps", "csv": "t.csv", "speed": 2}"""), "s.json", _ => "pipeline,at_s,latency_ms,min_accuracy\np,3,,\n# a comment\np,1,40,0.9\n");

        var stream = scenario.Trace().Arrivals.Open(1);
        Assert.True(stream.TryNext(out var first));
        Assert.True(stream.TryNext(out var second));
        Assert.Equal(new Arrival(500_000, 0, 40_000, 0.9), first);
        Assert.Equal(new Arrival(1_500_000), second);
    }

    [Theory]
    [InlineData("\"scale\": 2", 20, 40)]
    [InlineData("\"meanQps\": 30", 20, 40)]
    [InlineData("\"rangeQps\": [5, 50]", 5, 50)]
    public void Read_ScaledRates_KeepTheirShape(string scaling, double first, double second)
    {
        var scenario = ScenarioReader.Read(
            OneTraffic($$"""{"kind": "rates", "csv": "r.csv", "column": "rps", "stepSeconds": 1000, "squaredCv": 0, {{scaling}}}"""), "s.json", _ => "second,rps\n0,10\n1,20\n");

        var stream = scenario.Trace().Arrivals.Open(1);
        var counts = new int[2];
        while (stream.TryNext(out var arrival))
            counts[(int)(arrival.AtUs / 1_000_000_000)]++;
        Assert.Equal(first * 1000, counts[0], 1.0);
        Assert.Equal(second * 1000, counts[1], 1.0);
    }

    [Fact]
    public void Read_TrafficWithoutDemand_FirstPlanIsForItsFirstTenSeconds()
    {
        var scenario = ScenarioReader.Read(OneTraffic("""{"kind": "step", "steps": [{"qps": 20, "seconds": 10}, {"qps": 90, "seconds": 10}], "squaredCv": 0}"""), "s.json", _ => "");

        Assert.Equal(20, scenario.Problem.Pipelines[0].DemandQps, 0.2);
    }

    [Theory]
    [InlineData("""{"kind": "poissonn", "qps": 1, "seconds": 1}""", "$.traffic[0].parts[0].kind: unknown value; found \"poissonn\"")]
    [InlineData("""{"kind": "poisson", "qps": 1}""", "$.traffic[0].parts[0].seconds: the key is missing")]
    [InlineData("""{"kind": "poisson", "qps": 1, "seconds": 1, "pipeline": "q"}""", "$.traffic[0].parts[0].pipeline: unknown value")]
    [InlineData("""{"kind": "diurnal", "lowQps": 3, "highQps": 2, "periodSeconds": 1, "seconds": 1}""", "$.traffic[0].parts[0]: lowQps is above highQps")]
    [InlineData("""{"kind": "rates"}""", "$.traffic[0].parts[0]: no rates are given")]
    [InlineData("""{"kind": "rates", "qps": [1], "scale": 1, "meanQps": 1}""", "$.traffic[0].parts[0]: several ways to scale are given")]
    [InlineData("""{"kind": "rates", "qps": [1], "rangeQps": [2, 1]}""", "$.traffic[0].parts[0].rangeQps: not a range")]
    [InlineData("""{"kind": "rates", "csv": "t.csv"}""", "t.csv line 1: column qps is missing")]
    [InlineData("""{"kind": "timestamps", "csv": "t.csv"}""", "t.csv line 3: at_ms is not a number in range; found \"x\"; allowed: from 0 to")]
    public void Read_BadTraffic_SaysWhere(string part, string fault) =>
        Assert.Contains(Faults(OneTraffic(part), _ => "at_ms\n1\nx\n"), f => f.StartsWith(fault, StringComparison.Ordinal));

    [Fact]
    public void Read_RecordedTraceOfUnknownPipeline_SaysWhichLine() => Assert.Contains(
        Faults(OneTraffic("""{"kind": "timestamps", "csv": "t.csv"}"""), _ => "at_ms,pipeline\n1,p\n2,q\n"),
        f => f.StartsWith("t.csv line 3: unknown pipeline; found \"q\"; allowed: p", StringComparison.Ordinal));

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

    private static string OneTraffic(string part) =>
        $$"""
        { "name": "n", "pipelines": [ {"pipeline": {{Pipeline}}} ], "devices": [ {"name": "cpu", "slots": 4} ],
          "profile": {"rows": [ {"variant": "a2", "device": "cpu", "batch": 1, "p50Ms": 3}, {"variant": "b1", "device": "cpu", "batch": 1, "p50Ms": 1} ]},
          "traffic": [ {"name": "t", "parts": [ {{part}} ]} ] }
        """;

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
