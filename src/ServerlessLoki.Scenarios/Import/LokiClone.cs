using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>A clone of github.com/UMass-LIDS/Loki: the applications of its simulator, with the fan-out of its profiles.</summary>
/// <remarks>The repository ships no request trace: see <see cref="LokiImport.Traffic"/>; a clone of Proteus beside it gives the shape.</remarks>
internal static class LokiClone
{
    private const string Apps = "src/simulator/traces/apps";
    private const string Variants = "src/simulator/traces/model_variants";
    private const string Runtimes = "src/simulator/profiling/simulator_runtimes.csv";
    private const string Branching = "profiling/profiled/branching.csv";

    // All servers of its simulator (four labels of five).
    private const int Servers = 20;

    public static ImportLayout Layout { get; } = new("a clone of github.com/UMass-LIDS/Loki", [Runtimes, Branching], Cases, Read);

    /// <summary>Applications with accuracies of their own.</summary>
    private static ImmutableArray<string> Cases(IImportFolder folder) =>
        [.. folder.Folders(Apps).Where(a => folder.Has($"{Apps}/{a}/{a}.json") && folder.Files($"{Variants}/{a}").Length > 0).OrderByDescending(a => a == "traffic_analysis")];

    private static ImportedScenario Read(ImportSource source)
    {
        var app = source.Chosen;
        var settings = ImportJson.Parse(source, $"{Apps}/{app}/{app}.json");
        var profile = LokiImport.Profile(source, Runtimes, Names(source, app)).ToList();
        var profiled = profile.Select(r => r.Variant).ToHashSet(StringComparer.Ordinal);
        var tasks = new List<(string Task, IEnumerable<(string, double)> Variants)>();
        var edges = new List<(string From, string To)>();
        Walk(settings["root"], null);
        return source.Finish(new JsonObject
        {
            ["name"] = $"Loki: {app} on {Servers} servers",
            ["pipelines"] = new JsonArray(new JsonObject
            {
                ["pipeline"] = ImportSource.Graph(app, settings["latencySLOInMSec"].Number, tasks, edges),
                ["fanOut"] = FanOut(source, tasks, edges),
            }),
            ["devices"] = new JsonArray(new JsonObject { ["name"] = "server", ["slots"] = Servers, ["pricePerHour"] = 1 }),
            ["profile"] = new JsonObject { ["csv"] = source.AddProfile(profile) },
            ["traffic"] = LokiImport.Traffic(source, "../Proteus/traces/twitter/asplos/medium-normal_load/300"),
            ["policies"] = LokiImport.Policies(),
        });

        void Walk(ImportJson node, string? parent)
        {
            var task = node["task"].Text;
            // Where answers end; it computes nothing.
            if (task == "sink")
                return;
            tasks.Add((task, [.. source.Pairs($"{Variants}/{app}/{task}", 0, 100).Where(v => profiled.Contains(v.Name)).Select(v => (v.Name, v.Value / 100))]));
            if (parent is not null)
                edges.Add((parent, task));
            foreach (var child in node["children"].Items)
                Walk(child, task);
        }
    }

    private static HashSet<string> Names(ImportSource source, string app) =>
        [.. source.Folder.Files($"{Variants}/{app}").Where(f => f != "sink").SelectMany(f => source.Pairs($"{Variants}/{app}/{f}", 0, 100)).Select(v => v.Name)];

    /// <summary>Objects a frame times the share of each child task; edges that were not profiled at all carry each query once.</summary>
    private static JsonArray FanOut(ImportSource source, List<(string Task, IEnumerable<(string Variant, double Accuracy)> Variants)> tasks, List<(string From, string To)> edges)
    {
        var table = source.Table(Branching, "model", "mult_factor");
        var models = table.Texts("model");
        var objects = table.Numbers("mult_factor", 0, 1e4);
        var factors = new JsonArray();
        foreach (var (from, to) in edges.Where(e => table.Has(e.To)))
        {
            var shares = table.Numbers(to, 0, 1);
            var byVariant = tasks.Find(t => t.Task == from).Variants.Select(v => (v.Variant, At: Array.IndexOf(models, v.Variant))).ToArray();
            var missing = byVariant.Where(v => v.At < 0).Select(v => v.Variant).ToArray();
            if (missing.Length == byVariant.Length)
                continue;
            if (missing.Length > 0)
                throw new ScenarioFormatException(Branching, $"mult_factor of variants of {from} is missing", string.Join(", ", missing), "a row for each variant of a task, or none");
            factors.Add((JsonNode)new JsonObject
            {
                ["from"] = from, ["to"] = to,
                ["factors"] = new JsonObject(byVariant.Select(v => KeyValuePair.Create(v.Variant, (JsonNode?)(objects[v.At] * shares[v.At])))),
            });
        }

        return factors;
    }
}
