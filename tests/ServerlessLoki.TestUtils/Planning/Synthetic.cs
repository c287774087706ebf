using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Tests.TestData;

/// <summary>Made-up pipelines and problems. Variant k of a task is slower and more accurate than variant k − 1.</summary>
internal static class Synthetic
{
    private static readonly int[] Batches = [1, 2, 4, 8, 16];

    /// <summary>A pipeline whose task i hangs below <paramref name="parents"/>[i] (−1 = root).</summary>
    public static Pipeline Pipeline(string name, double sloMs, int[] parents, int variants)
    {
        var tasks = new JsonArray([.. parents.Select((_, t) => (JsonNode)new JsonObject
        {
            ["name"] = $"t{t}",
            ["variants"] = new JsonArray([.. Enumerable.Range(0, variants).Select(v => (JsonNode)new JsonObject
            {
                ["name"] = $"{name}-t{t}-v{v}",
                ["model"] = "m.onnx",
                ["accuracy"] = 1 - (0.5 * (variants - 1 - v) / Math.Max(1, variants)),
            })]),
        })]);
        var edges = new JsonArray([.. parents.Select((p, t) => (p, t)).Where(x => x.p >= 0)
            .Select(x => (JsonNode)new JsonObject { ["from"] = $"t{x.p}", ["to"] = $"t{x.t}" })]);
        var document = new JsonObject
        {
            ["name"] = name,
            ["sloMs"] = sloMs,
            ["input"] = new JsonObject { ["name"] = "x", ["datatype"] = "FP32", ["shape"] = new JsonArray(-1) },
            ["tasks"] = tasks,
            ["edges"] = edges,
        };
        return TestPipelines.Read(document.ToJsonString());
    }

    /// <summary>L(v, b) = base · 2^v · (0.4 + 0.6 b), times a factor per device.</summary>
    public static IEnumerable<ProfileRow> Profile(Pipeline pipeline, string device, double baseMs = 2, double factor = 1) =>
        from task in pipeline.Tasks
        from variant in task.Variants
        from batch in Batches
        let ms = baseMs * Math.Pow(2, variant.Index) * (0.4 + (0.6 * batch)) * factor
        select new ProfileRow(variant.Name, device, batch, ms, ms, ms, ms);

    public static PlanningProblem Problem(double demandQps, int slots, params ReadOnlySpan<int> parents) =>
        Problem([(Pipeline("p", 200, parents.ToArray(), 4), demandQps)], [new DeviceType("cpu", slots)]);

    public static PlanningProblem Problem((Pipeline Pipeline, double Qps)[] pipelines, DeviceType[] devices) => new()
    {
        Pipelines = [.. pipelines.Select(p => new PipelineDemand(p.Pipeline, p.Qps, FanOut.One(p.Pipeline)))],
        Devices = [.. devices],
        Profile = new LatencyProfile(pipelines.SelectMany(p => devices.SelectMany((d, i) => Profile(p.Pipeline, d.Name, factor: 1 + (0.7 * i))))),
    };

    /// <summary>A random problem: one or two pipelines of up to four tasks, up to two devices, some fan-out, any load.</summary>
    public static PlanningProblem Random(int seed)
    {
        var random = new Random(seed);
        var pipelines = Enumerable.Range(0, random.Next(1, 3)).Select(i =>
        {
            var parents = Enumerable.Range(0, random.Next(1, 5)).Select(t => t == 0 ? -1 : random.Next(t)).ToArray();
            return (Pipeline($"p{i}", random.Next(60, 300), parents, random.Next(1, 4)), Math.Round(Math.Pow(10, (random.NextDouble() * 4) - 1), 2));
        }).ToArray();
        var devices = Enumerable.Range(0, random.Next(1, 3))
            .Select(d => new DeviceType($"d{d}", random.Next(1, 8), random.Next(2) == 0 ? 1 : 0.5, d)).ToArray();
        var problem = Problem(pipelines, devices);
        return problem with
        {
            Pipelines = [.. problem.Pipelines.Select(p => p with
            {
                FanOut = new FanOut([.. p.Pipeline.Edges.Select(e => p.Pipeline.Tasks[e.From].Variants.Select(_ => Math.Round(random.NextDouble() * 3, 1)).ToImmutableArray())]),
            })],
            Options = new PlanningOptions { Utilization = random.Next(2) == 0 ? 1 : 0.8, FillLeftover = random.Next(2) == 0 },
        };
    }
}
