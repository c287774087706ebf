using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>Small clusters whose course can be worked out by hand.</summary>
internal static class SimCases
{
    /// <summary>A chain of tasks with one variant each, named a, b, …; accuracy 0.9 each.</summary>
    public static Pipeline Chain(string name, double sloMs, int tasks, int variants = 1)
    {
        var list = new JsonArray([.. Enumerable.Range(0, tasks).Select(t => (JsonNode)new JsonObject
        {
            ["name"] = $"t{t}",
            ["variants"] = new JsonArray([.. Enumerable.Range(0, variants).Select(v => (JsonNode)new JsonObject
            {
                ["name"] = $"{name}{t}{v}", ["model"] = "m.onnx", ["accuracy"] = 0.9 - (0.1 * v),
            })]),
        })]);
        var edges = new JsonArray([.. Enumerable.Range(1, tasks - 1).Select(t => (JsonNode)new JsonObject { ["from"] = $"t{t - 1}", ["to"] = $"t{t}" })]);
        return TestPipelines.Read(new JsonObject
        {
            ["name"] = name,
            ["sloMs"] = sloMs,
            ["input"] = new JsonObject { ["name"] = "x", ["datatype"] = "FP32", ["shape"] = new JsonArray(-1) },
            ["tasks"] = list,
            ["edges"] = edges,
        }.ToJsonString());
    }

    public static ProfileRow Row(string variant, int batch, double ms, string device = "d") => new(variant, device, batch, ms, ms, ms, ms);

    public static PlanningProblem Cluster(IEnumerable<Pipeline> pipelines, DeviceType device, params ProfileRow[] rows) => new()
    {
        Pipelines = [.. pipelines.Select(p => new PipelineDemand(p, 0, FanOut.One(p)))],
        Devices = [device],
        Profile = new LatencyProfile(rows),
    };

    /// <summary>A plan of the given slots (pipeline, task, variant, batch, replicas, load); paths are not needed to route one variant per task.</summary>
    public static Plan Plan(PlanningProblem problem, params (int Pipeline, int Task, int Variant, int Batch, int Replicas, double LoadQps)[] slots) => new()
    {
        Policy = "fixed",
        Slots = [.. slots.Select(s => Group(problem, s))],
        Flows = [],
        ServedShare = [.. problem.Pipelines.Select(_ => 1.0)],
        Accuracy = 0.9,
        DemandQps = [.. problem.Pipelines.Select(p => p.DemandQps)],
        Proof = new PlanProof(0, 0, "given", 0, "fixed"),
    };

    private static SlotGroup Group(PlanningProblem problem, (int Pipeline, int Task, int Variant, int Batch, int Replicas, double LoadQps) s)
    {
        var name = problem.Pipelines[s.Pipeline].Pipeline.Tasks[s.Task].Variants[s.Variant].Name;
        var device = problem.Devices[0];
        var latency = problem.Profile.Find(name, device.Name)!;
        return new SlotGroup(
            s.Pipeline, s.Task, s.Variant, 0, s.Batch, s.Replicas, s.Replicas * device.SlotShare * latency.ThroughputQps(s.Batch), s.LoadQps, latency.LatencyUs(s.Batch));
    }

    /// <summary>One task, one variant of the given service time, that many whole devices.</summary>
    public static (PlanningProblem Problem, Plan Plan) Servers(double serviceMs, double sloMs, int servers)
    {
        var problem = Cluster([Chain("a", sloMs, 1)], new DeviceType("d", servers), Row("a00", 1, serviceMs));
        return (problem, Plan(problem, (0, 0, 0, 1, servers, 0)));
    }

    /// <summary>Runs and collects the truth, in the order of arrival.</summary>
    public static (SimulationResult Result, ImmutableArray<QueryRecord> Queries) Trace(SimulationProblem problem)
    {
        var queries = new List<QueryRecord>();
        var result = Simulator.Run(problem with { OnQuery = (in QueryRecord q) => queries.Add(q) });
        return (result, [.. queries.OrderBy(q => q.Sequence)]);
    }

    public static (SimulationResult Result, ImmutableArray<QueryRecord> Queries) Trace(
        PlanningProblem cluster, Plan plan, SimulationOptions options, params long[] atUs) =>
        Trace(new SimulationProblem { Cluster = cluster, Plan = plan, Arrivals = Arrivals.Recorded(atUs), Options = options });
}
