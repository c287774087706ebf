using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>What all imports share: tables in, a scenario with its files out.</summary>
internal sealed class ImportSource(string stem, string chosen, Func<string, string> readText)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    /// <summary>The case asked for.</summary>
    public string Chosen => chosen;

    public string Text(string path) => readText(path);

    /// <summary>Text of a file that may be absent.</summary>
    public string? TextOrNull(string path)
    {
        try
        {
            return readText(path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>A CSV table with at least the given columns.</summary>
    public CsvTable Table(string path, params string[] columns)
    {
        var faults = new FaultList();
        var table = CsvTable.Read(readText(path), path, faults);
        foreach (var column in columns.Where(c => table?.Has(c) == false))
            table!.Lacks(column);
        return faults.Count == 0 && table is not null ? table : throw new ScenarioFormatException(path, faults.All);
    }

    /// <summary>Adds a file beside the scenario; gives the name to write into it.</summary>
    public string Add(string suffix, string content)
    {
        var name = $"{stem}-{suffix}";
        _files[name] = content;
        return name;
    }

    public string AddProfile(IEnumerable<ProfileRow> rows) => Add("profile.csv", ProfileCsv.Write(new LatencyProfile(rows)));

    /// <summary>Adds rates by the second as a CSV with the column qps.</summary>
    public string AddRates(string name, IEnumerable<double> qps)
    {
        var text = new StringBuilder("second,qps\n");
        var second = 0;
        foreach (var rate in qps)
            text.Append(CultureInfo.InvariantCulture, $"{second++},{rate:R}\n");
        return Add($"{name}.csv", text.ToString());
    }

    public ImportedScenario Finish(JsonObject scenario) => new(scenario.ToJsonString(Indented) + "\n", _files.ToImmutableSortedDictionary(StringComparer.Ordinal));

    /// <summary>Lists policies by name, without those that this build does not have.</summary>
    public static JsonArray Policies(params JsonObject[] policies) =>
        [.. policies.Where(p => PlanningPolicies.KnownNames.Contains((string)p["policy"]!, StringComparer.Ordinal))];

    public static JsonObject Policy(string name) => new() { ["policy"] = name };

    /// <summary>A variant's name as pipeline files allow it.</summary>
    public static string Name(string name) => name.Replace('/', '-');

    /// <summary>A pipeline of a chain of tasks.</summary>
    public static JsonObject Chain(string name, double sloMs, params (string Task, IEnumerable<(string Variant, double Accuracy)> Variants)[] tasks) => new()
    {
        ["name"] = name,
        ["sloMs"] = sloMs,
        ["input"] = new JsonObject { ["name"] = "input", ["datatype"] = "FP32", ["shape"] = new JsonArray(-1) },
        ["tasks"] = new JsonArray([.. tasks.Select(t => (JsonNode)new JsonObject
        {
            ["name"] = t.Task,
            ["variants"] = new JsonArray([.. t.Variants.Select(v => (JsonNode)new JsonObject { ["name"] = v.Variant, ["model"] = $"{v.Variant}.onnx", ["accuracy"] = v.Accuracy })]),
        })]),
        ["edges"] = new JsonArray([.. tasks.Skip(1).Select((t, i) => (JsonNode)new JsonObject { ["from"] = tasks[i].Task, ["to"] = t.Task })]),
    };

    /// <summary>Traffic of one part.</summary>
    public static JsonObject Traffic(string name, JsonObject part) => new() { ["name"] = name, ["parts"] = new JsonArray(part) };
}
