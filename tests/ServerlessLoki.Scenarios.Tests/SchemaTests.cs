using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Scenarios.Tests;

/// <summary>The JSON schemas that editors complete from say what the readers say.</summary>
public sealed class SchemaTests
{
    private static readonly JsonSchema s_pipeline = JsonSchema.FromText(PipelineReader.Schema);
    private static readonly JsonSchema s_scenario = JsonSchema.FromText(ScenarioReader.Schema);

    public static TheoryData<string> Pipelines => [.. Files("published"), .. Files("traffic").Where(static f => Path.GetFileName(f) == "pipeline.json")];

    public static TheoryData<string> Scenarios => [.. Files("Scenarios"), .. Files("traffic").Where(static f => Path.GetFileName(f) == "scenario.json")];

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void Pipeline_AsShipped_FitsTheSchema(string file) => Assert.True(Fits(s_pipeline, File.ReadAllText(Sample(file))));

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Scenario_AsShipped_FitsTheSchema(string file) => Assert.True(Fits(s_scenario, File.ReadAllText(Sample(file))));

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void Pipeline_ThatTheSchemaRefuses_IsRefusedByTheReader(string file) => Differ(
        s_pipeline, File.ReadAllText(Sample(file)), static json => Accepts<PipelineFormatException>(() => PipelineReader.Read(json, "p.json")));

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Scenario_ThatTheSchemaRefuses_IsRefusedByTheReader(string file)
    {
        var folder = Path.GetDirectoryName(Sample(file))!;
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        Differ(s_scenario, File.ReadAllText(Sample(file)), json => Accepts<ScenarioFormatException>(() => ScenarioReader.Read(json, "s.json", ReadText)));

        string ReadText(string path) => texts.TryGetValue(path, out var text) ? text : texts[path] = File.ReadAllText(Path.Combine(folder, path));
    }

    /// <summary>Changes one place at a time, and tests that what the schema refuses the reader refuses too.</summary>
    private static void Differ(JsonSchema schema, string text, Func<string, bool> accepts)
    {
        Assert.True(accepts(text));
        var refused = 0;
        var differences = new List<string>();
        foreach (var (where, json) in Changes(JsonNode.Parse(text)!))
        {
            if (Fits(schema, json))
                continue;
            refused++;
            if (accepts(json))
                differences.Add(where);
        }

        Assert.True(refused > 10);
        Assert.True(differences.Count == 0, "read, but refused by the schema: " + string.Join("; ", differences));
    }

    private static IEnumerable<(string Where, string Json)> Changes(JsonNode root)
    {
        JsonNode?[] values = [JsonValue.Create("?"), JsonValue.Create(-1), JsonValue.Create(0.5), JsonValue.Create(true), new JsonArray(), new JsonObject()];
        foreach (var node in Nodes(root).ToList())
        {
            if (node is JsonObject fields)
            {
                fields["unknown-field"] = 1;
                yield return ($"{fields.GetPath()} with a field of no meaning", root.ToJsonString());
                fields.Remove("unknown-field");
            }

            // Readers leave the field by which an editor finds the schema to the editor.
            if (node.Parent is null || node.GetPath() == "$.$schema")
                continue;
            foreach (var value in values)
            {
                var other = value?.DeepClone();
                var path = node.GetPath();
                node.ReplaceWith(other);
                yield return ($"{path} = {value?.ToJsonString()}", root.ToJsonString());
                other!.ReplaceWith(node);
            }
        }
    }

    private static IEnumerable<JsonNode> Nodes(JsonNode node) => node switch
    {
        JsonObject fields => fields.Where(static f => f.Value is not null).SelectMany(static f => Nodes(f.Value!)).Prepend(node),
        // Of many alike, the first few tell.
        JsonArray items => items.Take(3).Where(static i => i is not null).SelectMany(static i => Nodes(i!)).Prepend(node),
        _ => [node],
    };

    private static bool Fits(JsonSchema schema, string json)
    {
        using var document = JsonDocument.Parse(json);
        return schema.Evaluate(document.RootElement).IsValid;
    }

    private static bool Accepts<TRefusal>(Action read)
        where TRefusal : Exception
    {
        try
        {
            read();
            return true;
        }
        catch (TRefusal)
        {
            return false;
        }
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Sample(folder), "*.json").Order(StringComparer.Ordinal).Select(static f => Path.GetRelativePath(Sample("."), f));

    private static string Sample(string path, [CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../src/ServerlessLoki.Samples", path));
}
