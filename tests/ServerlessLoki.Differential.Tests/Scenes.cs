using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ServerlessLoki.Batching.Residency;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Differential.Tests;

/// <summary>Small public inputs, made from a number.</summary>
internal static class Scenes
{
    /// <summary>Names of the six kinds.</summary>
    public static readonly string[] Kinds = ["single task", "chain", "fan-out tree", "join", "two pipelines", Resident];

    public const ulong Seed = 7;

    private const string Resident = "several variants in a slot";

    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="seed">Number of the trace.</param>
    /// <param name="devices">Kinds of devices; neighbouring tasks and variants are on different ones.</param>
    public static Scene Of(string kind, int seed, int devices = 1)
    {
        var random = new Random((seed * 31) + Array.IndexOf(Kinds, kind));
        var graphs = kind switch
        {
            "single task" => [Graph("a", random, tasks: 1, [])],
            "chain" => [Graph("a", random, tasks: 3, [(0, 1), (1, 2)])],
            "fan-out tree" => [Graph("a", random, tasks: 4, [(0, 1), (0, 2), (2, 3)])],
            "join" => [Graph("a", random, tasks: 5, [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4)], join: 3)],
            Resident => [Graph("a", random, tasks: 2, [(0, 1)])],
            "two pipelines" => (Pipeline[])[Graph("a", random, tasks: 2, [(0, 1)]), Graph("b", random, tasks: 3, [(0, 1), (0, 2)])],
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind."),
        };
        ImmutableArray<FanOut> children = [.. graphs.Select(g => Means(g, random))];
        var threads = random.Next(1, 4);
        var load = 0.4 + (1.6 * random.NextDouble());
        var profile = Profile(graphs, random, devices);
        // Of four machines one is slower than profiled by a third, and one half as fast; and more may come than the plan counts on.
        var slowdown = ((double[])[1, 1, 1.3, 2])[random.Next(4)];
        var rush = ((double[])[1, 3, 9])[random.Next(3)];
        var served = kind == "two pipelines" && random.Next(3) > 0 ? 0.7 : 1;
        var perQuery = graphs.Select((g, p) => CostUs(g, children[p], profile)).ToArray();
        var demand = perQuery.Select(us => load * threads * devices * 1e6 / us / graphs.Length).ToArray();
        // As many as the plan may take, and more than threads: slots take turns.
        var slots = 4 * graphs.Sum(g => g.Tasks.Length);
        var problem = new PlanningProblem
        {
            // What is believed of the children is not what comes.
            Pipelines = [.. graphs.Select((g, p) => new PipelineDemand(g, demand[p], FanOut.One(g)))],
            Devices = [.. Enumerable.Range(0, devices).Select(d => new DeviceType(Device(d), slots, (double)threads / slots))],
            Profile = profile,
            Options = new PlanningOptions { MaxBatch = 16 },
        };
        return new Scene
        {
            Name = $"{kind} {seed} on {devices}",
            Problem = problem,
            Plan = PlanOf(problem, kind == Resident ? ResidentGroups(problem, random) : Groups(problem, random), served),
            Arrivals = ArrivalsOf(problem, random, rush),
            Children = children,
            Threads = threads,
            Truth = profile.Scale((_, _) => slowdown),
        };
    }

    private static Pipeline Graph(string name, Random random, int tasks, (int From, int To)[] edges, int join = -1)
    {
        // Each task finds things, and each edge takes one kind of them.
        var json = new JsonObject
        {
            ["name"] = name,
            ["sloMs"] = 40 * tasks * random.Next(1, 4),
            ["input"] = new JsonObject { ["name"] = "image", ["datatype"] = "UINT8", ["shape"] = new JsonArray(-1, -1, 3) },
            ["tasks"] = new JsonArray([.. Enumerable.Range(0, tasks).Select(t => (JsonNode)Task(name, t, edges.Count(e => e.From == t), t == join))]),
            ["edges"] = new JsonArray([.. edges.Select(e => (JsonNode)Edge(name, e, edges.Where(o => o.From == e.From).ToList().IndexOf(e), e.To == join))]),
        };
        return PipelineReader.Read(json.ToJsonString(), "scene");
    }

    private static JsonObject Task(string pipeline, int task, int edges, bool joins) => new()
    {
        ["name"] = $"{pipeline}{task}",
        ["join"] = joins ? "all" : "each",
        ["output"] = edges > 0
            ? new JsonObject { ["kind"] = "detections", ["labels"] = new JsonArray([.. Enumerable.Range(0, edges).Select(e => (JsonNode)$"l{e}")]) }
            : new JsonObject { ["kind"] = "classification", ["labels"] = new JsonArray("x", "y") },
        ["variants"] = new JsonArray([.. "lms".Select((size, v) => (JsonNode)new JsonObject
        {
            ["name"] = $"{pipeline}{task}{size}", ["model"] = "m", ["accuracy"] = 0.9 - (0.12 * v),
        })]),
    };

    private static JsonObject Edge(string pipeline, (int From, int To) edge, int label, bool joins) => new()
    {
        ["from"] = $"{pipeline}{edge.From}",
        ["to"] = $"{pipeline}{edge.To}",
        ["labels"] = new JsonArray($"l{label}"),
        ["transforms"] = new JsonArray(joins
            ? new JsonObject { ["name"] = "concat", ["rows"] = 4, ["size"] = 6 }
            : new JsonObject { ["name"] = "crop-resize", ["margin"] = 0 }),
    };

    private static FanOut Means(Pipeline graph, Random random) => new(
        [.. graph.Edges.Select(e => graph.Tasks[e.From].Variants.Select(_ => 0.3 + (1.7 * random.NextDouble())).ToImmutableArray())]);

    /// <summary>Large variants take up to ten milliseconds, and each smaller one about a third of the one before.</summary>
    private static LatencyProfile Profile(IEnumerable<Pipeline> graphs, Random random, int devices)
    {
        // Whole milliseconds make many things fall at one moment.
        var unitUs = random.Next(2) == 0 ? 1000 : 1;
        var rows = new List<ProfileRow>();
        foreach (var task in graphs.SelectMany(g => g.Tasks))
        {
            var us = 5000 + random.Next(5000);
            foreach (var variant in task.Variants)
            {
                foreach (var batch in (int[])[1, 2, 4, 8])
                {
                    var ms = Math.Max(1, (int)(us * (0.4 + (0.6 * batch)) / unitUs)) * unitUs / 1000.0;
                    rows.Add(new ProfileRow(variant.Name, Device(DeviceOf(task, variant, devices)), batch, ms, ms, ms, ms));
                }

                us /= 3;
            }
        }

        return new LatencyProfile(rows);
    }

    /// <summary>Compute time of one query on the large variants, batches of four.</summary>
    private static double CostUs(Pipeline graph, FanOut children, LatencyProfile profile)
    {
        var rows = new double[graph.Tasks.Length];
        rows[0] = 1;
        foreach (var edge in graph.Edges.OrderBy(e => e.To))
            rows[edge.To] = graph.Tasks[edge.To].IsJoin ? 1 : rows[edge.To] + (rows[edge.From] * children[edge.Index, 0]);
        return graph.Tasks.Sum(t => rows[t.Index] * Latency(profile, t.Variants[0]).LatencyUs(4) / 4);
    }

    private static string Device(int index) => $"cpu{index}";

    private static int DeviceOf(PipelineTask task, Variant variant, int devices) => (task.Index + variant.Index) % devices;

    private static BatchLatency Latency(LatencyProfile profile, Variant variant) =>
        profile.Rows.Where(r => r.Variant == variant.Name).Select(r => profile.Find(r.Variant, r.Device)!).First();

    /// <summary>One or two variants of each task, so that queries are divided and there is something to reroute to.</summary>
    private static List<SlotGroup> Groups(PlanningProblem problem, Random random)
    {
        var groups = new List<SlotGroup>();
        foreach (var (p, demand) in problem.Pipelines.Index())
        {
            foreach (var task in demand.Pipeline.Tasks)
            {
                var variants = Enumerable.Range(0, 3).OrderBy(_ => random.Next()).Take(random.Next(1, 3)).Order().ToArray();
                foreach (var variant in variants)
                {
                    var latency = Latency(problem.Profile, task.Variants[variant]);
                    var batch = 1 << random.Next(4);
                    var replicas = random.Next(1, 3);
                    groups.Add(new SlotGroup(
                        p, task.Index, variant, DeviceOf(task, task.Variants[variant], problem.Devices.Length), batch, replicas, replicas * problem.Devices[0].SlotShare * latency.ThroughputQps(batch),
                        demand.DemandQps / variants.Length, latency.LatencyUs(batch)));
                }
            }
        }

        return groups;
    }

    /// <summary>Slots of each task that hold all variants of their device, in the small one's queue; and for some tasks slots of the middle one alone.</summary>
    private static List<SlotGroup> ResidentGroups(PlanningProblem problem, Random random)
    {
        var groups = new List<SlotGroup>();
        foreach (var task in problem.Pipelines[0].Pipeline.Tasks)
        {
            var device = DeviceOf(task, task.Variants[2], problem.Devices.Length);
            var held = Enumerable.Range(0, 3).Where(v => DeviceOf(task, task.Variants[v], problem.Devices.Length) == device).ToImmutableArray();
            var rule = (ResidentRule)random.Next(3);
            var set = new ResidentSet(held, rule, 1 + random.Next(8), 8, (double)problem.Pipelines[0].Pipeline.SloUs / 2, 0.8) { Margin = random.Next(2) == 0 ? 1 : 1.2 };
            groups.Add(Group(problem, task, 2, 1 << random.Next(4), random.Next(1, 3)) with { Resident = set });
            if (random.Next(2) == 0)
                groups.Add(Group(problem, task, 1, 1 << random.Next(4), 1));
        }

        return groups;
    }

    private static SlotGroup Group(PlanningProblem problem, PipelineTask task, int variant, int batch, int replicas)
    {
        var latency = Latency(problem.Profile, task.Variants[variant]);
        return new SlotGroup(
            0, task.Index, variant, DeviceOf(task, task.Variants[variant], problem.Devices.Length), batch, replicas,
            replicas * problem.Devices[0].SlotShare * latency.ThroughputQps(batch), problem.Pipelines[0].DemandQps, latency.LatencyUs(batch));
    }

    private static Plan PlanOf(PlanningProblem problem, List<SlotGroup> groups, double served) => new()
    {
        Policy = "given",
        Slots = [.. groups],
        Flows = [],
        ServedShare = [.. problem.Pipelines.Select(_ => served)],
        Accuracy = 0.8,
        DemandQps = [.. problem.Pipelines.Select(p => p.DemandQps)],
        Proof = new PlanProof(0, 0, "given", 0, "given"),
    };

    /// <summary>Some hundred queries at a multiple of the planned rate, in bursts; some with a time or an accuracy of their own.</summary>
    private static ImmutableArray<Arrival> ArrivalsOf(PlanningProblem problem, Random random, double rush)
    {
        var arrivals = new List<Arrival>();
        foreach (var (p, demand) in problem.Pipelines.Index())
        {
            var atUs = 0.0;
            for (var i = 0; i < 150; i++)
            {
                atUs += random.Next(4) == 0 ? -Math.Log(1 - random.NextDouble()) * 4e6 / (rush * demand.DemandQps) : random.Next(300);
                long? ownUs = random.Next(6) == 0 ? (long)(demand.Pipeline.SloUs * (0.8 + random.NextDouble())) : null;
                arrivals.Add(new Arrival((long)atUs, p, ownUs, random.Next(8) == 0 ? 0.05 : 0));
            }
        }

        return [.. arrivals.OrderBy(a => a.AtUs)];
    }
}
