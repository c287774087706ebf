namespace ServerlessLoki.Scenarios.Tests;

/// <summary>Scenario files to read, and to change a little before.</summary>
internal static class ScenarioTexts
{
    public const string Pipeline =
        """
        { "name": "p", "sloMs": 100, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
          "tasks": [ {"name": "a", "variants": [{"name": "a1", "model": "m", "accuracy": 0.5}, {"name": "a2", "model": "m", "accuracy": 1}]},
                     {"name": "b", "variants": [{"name": "b1", "model": "m", "accuracy": 1}]} ],
          "edges": [ {"from": "a", "to": "b"} ] }
        """;

    public const string Trace = "at_ms,latency_ms,min_accuracy\n500,,\n100,40,0.9\n";

    /// <summary>A scenario that says everything that can be said.</summary>
    public const string Inline =
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
          "simulation": {"like": "embedded-host", "batching": "fixed-size", "drop": "never", "admission": "all", "comfortShare": 0.7, "reroute": false, "rescueStranded": false, "headroom": false, "measuredAdmission": false, "separateProcesses": true, "standby": false,
            "fanOutDraw": "poisson", "parallelism": 3, "hostCores": {"cores": 1.9, "beforeQueryMs": 0.5, "afterQueryMs": 0.25}, "maxPending": 10, "noise": 0.2, "slowdown": 1.5, "modelLoadMs": 20, "loadBeside": false, "parallelLoads": 2,
            "hopMs": 3, "controlPeriodMs": 2000, "planOnBurst": false, "alwaysApply": true, "warmUpSeconds": 4, "drainSeconds": 5},
          "failures": [ {"device": "cpu", "slot": 3, "atSeconds": 1.5, "forSeconds": 2} ],
          "forecaster": "ewma:2+rising-trend",
          "policies": [ {"label": "tight", "policy": "ipa", "options": {"coreWeight": 2}, "planning": {"utilization": 0.5}, "simulation": {"drop": "last-task"}, "forecaster": "peak-window"} ],
          "seeds": [7, 8] }
        """;

    public static Scenario Full() => ScenarioReader.Read(Inline, "s.json", _ => Trace);

    /// <summary>What a scenario is refused for.</summary>
    public static string[] Faults(string json, Func<string, string>? read = null) =>
        [.. Assert.Throws<ScenarioFormatException>(() => ScenarioReader.Read(json, "s.json", read ?? (_ => Trace))).Faults.Select(f => f.ToString())];

    /// <summary>A scenario of one pipeline with one part of traffic.</summary>
    public static string OneTraffic(string part) =>
        $$"""
        { "name": "n", "pipelines": [ {"pipeline": {{Pipeline}}} ], "devices": [ {"name": "cpu", "slots": 4} ],
          "profile": {"rows": [ {"variant": "a2", "device": "cpu", "batch": 1, "p50Ms": 3}, {"variant": "b1", "device": "cpu", "batch": 1, "p50Ms": 1} ]},
          "traffic": [ {"name": "t", "parts": [ {{part}} ]} ] }
        """;
}
