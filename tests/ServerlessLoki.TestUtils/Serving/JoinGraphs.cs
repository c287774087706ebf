using System.Text.Json.Nodes;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Tests.Dispatch;

/// <summary>Graphs for joins, without models.</summary>
internal static class JoinGraphs
{
    /// <summary>Tasks t0 → t1 → …</summary>
    public static Pipeline Chain(int tasks) => Of([.. Enumerable.Range(1, tasks - 1).Select(t => (t - 1, t))], _ => false, tasks);

    /// <summary>Up to eight tasks with up to three incoming edges each; about half of those below the root join.</summary>
    public static Pipeline Random(Random random)
    {
        var tasks = random.Next(3, 9);
        var edges = new List<(int, int)>();
        for (var to = 1; to < tasks; to++)
        {
            foreach (var from in Enumerable.Range(0, to).OrderBy(_ => random.Next()).Take(random.Next(1, 4)))
                edges.Add((from, to));
        }

        // A graph with too many ways to plan is refused: then a plainer one.
        try
        {
            return Of(edges, _ => random.Next(2) == 0, tasks);
        }
        catch (PipelineFormatException)
        {
            return Random(random);
        }
    }

    private static Pipeline Of(List<(int From, int To)> edges, Func<int, bool> joins, int tasks) => PipelineReader.Read(
        new JsonObject
        {
            ["name"] = "g",
            ["sloMs"] = 100,
            ["input"] = new JsonObject { ["name"] = "x", ["datatype"] = "FP32", ["shape"] = new JsonArray(-1) },
            ["tasks"] = new JsonArray([.. Enumerable.Range(0, tasks).Select(t => (JsonNode)new JsonObject
            {
                ["name"] = $"t{t}",
                ["join"] = t > 0 && joins(t) ? "all" : "each",
                ["variants"] = new JsonArray(new JsonObject { ["name"] = $"v{t}", ["model"] = "m", ["accuracy"] = 1 }),
            })]),
            ["edges"] = new JsonArray([.. edges.Select(e => (JsonNode)new JsonObject { ["from"] = $"t{e.From}", ["to"] = $"t{e.To}" })]),
        }.ToJsonString(),
        "g.json");
}
