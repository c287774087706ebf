using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Tests.TestData;

/// <summary>Pipelines whose branches meet again.</summary>
internal static class Graphs
{
    /// <summary>d → a and b → j, small enough to plan by hand: d 5 ms, a 10 ms, b 20 ms; j-l 20 ms with accuracy 1, j-s 5 ms with 0.8.
    /// Batches of one.</summary>
    /// <param name="join">True: j runs once per query; false: once per arrival.</param>
    /// <param name="demandQps">Demand.</param>
    /// <param name="slots">Slots.</param>
    /// <param name="sloMs">Objective; half of it may be processing.</param>
    /// <param name="toA">Rows from d to a.</param>
    /// <param name="toB">Rows from d to b.</param>
    public static PlanningProblem Diamond(bool join, double demandQps, int slots, double sloMs = 200, double toA = 1, double toB = 1)
    {
        var pipeline = TestPipelines.Read($$"""
            { "name": "diamond", "sloMs": {{sloMs}}, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
              "tasks": [ {"name": "d", "variants": [{"name": "d", "model": "m", "accuracy": 1}]},
                         {"name": "a", "variants": [{"name": "a", "model": "m", "accuracy": 1}]},
                         {"name": "b", "variants": [{"name": "b", "model": "m", "accuracy": 1}]},
                         {"name": "j", "join": "{{(join ? "all" : "each")}}", "variants": [{"name": "j-s", "model": "m", "accuracy": 0.8}, {"name": "j-l", "model": "m", "accuracy": 1}]} ],
              "edges": [ {"from": "d", "to": "a"}, {"from": "d", "to": "b"}, {"from": "a", "to": "j"}, {"from": "b", "to": "j"} ] }
            """);
        ProfileRow[] rows = [Row("d", 5), Row("a", 10), Row("b", 20), Row("j-s", 5), Row("j-l", 20)];
        return new PlanningProblem
        {
            Pipelines = [new PipelineDemand(pipeline, demandQps, new FanOut([[toA], [toB], [1], [1]]))],
            Devices = [new DeviceType("cpu", slots)],
            Options = new PlanningOptions { Utilization = 1, FanOutHeadroom = 1 },
            Profile = new LatencyProfile(rows),
        };

        static ProfileRow Row(string variant, double ms) => new(variant, "cpu", 1, ms, ms, ms, ms);
    }

    /// <summary>A random graph of up to seven tasks with several incoming edges and joins.</summary>
    public static Pipeline Random(Random random, string name = "g", int variants = 2)
    {
        var count = random.Next(3, 8);
        var edges = new List<(int From, int To)>();
        for (var to = 1; to < count; to++)
        {
            foreach (var from in Enumerable.Range(0, to).OrderBy(_ => random.Next()).Take(random.Next(1, 3)))
                edges.Add((from, to));
        }

        return TestPipelines.Read(new JsonObject
        {
            ["name"] = name,
            ["sloMs"] = random.Next(200, 600),
            ["input"] = new JsonObject { ["name"] = "x", ["datatype"] = "FP32", ["shape"] = new JsonArray(-1) },
            ["tasks"] = new JsonArray([.. Enumerable.Range(0, count).Select(t => (JsonNode)new JsonObject
            {
                ["name"] = $"t{t}",
                ["join"] = t > 0 && random.Next(2) == 0 ? "all" : "each",
                ["variants"] = new JsonArray([.. Enumerable.Range(0, variants).Select(v => (JsonNode)new JsonObject
                {
                    ["name"] = $"{name}-t{t}-v{v}", ["model"] = "m.onnx", ["accuracy"] = 0.6 + (0.3 * v),
                })]),
            })]),
            ["edges"] = new JsonArray([.. edges.Select(e => (JsonNode)new JsonObject { ["from"] = $"t{e.From}", ["to"] = $"t{e.To}" })]),
        }.ToJsonString());
    }

    /// <summary>A random graph under a random load, with some fan-out.</summary>
    public static PlanningProblem RandomProblem(int seed)
    {
        var random = new Random(seed);
        var pipeline = Random(random);
        var problem = Synthetic.Problem([(pipeline, Math.Round(Math.Pow(10, (random.NextDouble() * 3) - 0.5), 2))], [new DeviceType("cpu", random.Next(5, 20))]);
        return problem with
        {
            Pipelines = [.. problem.Pipelines.Select(p => p with
            {
                FanOut = new FanOut([.. p.Pipeline.Edges.Select(e => p.Pipeline.Tasks[e.From].Variants.Select(_ => Math.Round(random.NextDouble() * 2, 1)).ToImmutableArray())]),
            })],
            Options = new PlanningOptions { FillLeftover = random.Next(2) == 0 },
        };
    }

    /// <summary>[task] rows per root query where each task has one variant, task by task: a join runs once per item at most.</summary>
    /// <param name="graph">The graph, tasks in topological order.</param>
    /// <param name="factor">Rows per row, by edge.</param>
    public static double[] Runs(Pipeline graph, Func<PipelineEdge, double> factor)
    {
        var runs = new double[graph.Tasks.Length];
        runs[0] = 1;
        foreach (var task in graph.Tasks.Skip(1))
        {
            var arrivals = graph.Edges.Where(e => e.To == task.Index).Sum(e => runs[e.From] * factor(e));
            runs[task.Index] = task.JoinsPer is { } per ? Math.Min(arrivals, runs[per]) : arrivals;
        }

        return runs;
    }
}
