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
internal sealed class ImportSource(string stem, string chosen, IImportFolder folder)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly FaultList _faults = new();

    /// <summary>The case asked for.</summary>
    public string Chosen => chosen;

    /// <summary>Where the data lie.</summary>
    public IImportFolder Folder => folder;

    /// <summary>Text of a file in UTF-8.</summary>
    public string Text(string path) => Encoding.UTF8.GetString(folder.Bytes(path)).TrimStart('\uFEFF');

    /// <summary>A CSV table with at least the given columns. Numbers in it that are none are refused by <see cref="Check"/>.</summary>
    /// <exception cref="ScenarioFormatException">The table has faults; lists all.</exception>
    public CsvTable Table(string path, params string[] columns)
    {
        var table = CsvTable.Read(Text(path), path, _faults);
        foreach (var column in columns.Where(c => table?.Has(c) == false))
            table!.Lacks(column);
        Check();
        return table!;
    }

    /// <summary>Pairs of a name and a number, one a line and without a header.</summary>
    /// <exception cref="ScenarioFormatException">A line is no such pair; lists all of them.</exception>
    public ImmutableArray<(string Name, double Value)> Pairs(string path, double least, double most)
    {
        var table = CsvTable.Read(Text(path), path, _faults, ["name", "value"]);
        var pairs = table is null ? [] : table.Texts("name").Zip(table.Numbers("value", least, most)).Select(p => (p.First, p.Second)).ToImmutableArray();
        Check();
        return pairs;
    }

    /// <summary>Refuses what has faults, before anything is made of it.</summary>
    /// <exception cref="ScenarioFormatException">There were faults; lists all.</exception>
    public void Check()
    {
        if (_faults.Count > 0)
            throw new ScenarioFormatException(folder.Name, _faults.All);
    }

    /// <summary>Adds a file beside the scenario; gives the name to write into it.</summary>
    public string Add(string suffix, string content)
    {
        var name = $"{stem}-{suffix}";
        _files[name] = content;
        return name;
    }

    public string AddProfile(IEnumerable<ProfileRow> rows)
    {
        var all = rows.ToList();
        Check();
        return Add("profile.csv", ProfileCsv.Write(new LatencyProfile(all)));
    }

    /// <summary>Adds rates by the second as a CSV with the column qps; gives the name to write into the scenario.</summary>
    public string AddRates(string name, IEnumerable<double> qps)
    {
        var text = new StringBuilder("second,qps\n");
        var second = 0;
        foreach (var rate in qps)
            text.Append(CultureInfo.InvariantCulture, $"{second++},{rate:R}\n");
        return Add($"{name}.csv", text.ToString());
    }

    /// <summary>Makes the scenario of its JSON and the files added.</summary>
    /// <exception cref="ScenarioFormatException">A table had faults; lists all.</exception>
    public ImportedScenario Finish(JsonObject scenario)
    {
        Check();
        return new ImportedScenario(scenario.ToJsonString(Indented) + "\n", _files.ToImmutableSortedDictionary(StringComparer.Ordinal));
    }

    /// <summary>Lists policies by name, without those that this build does not have.</summary>
    public static JsonArray Policies(params JsonObject[] policies) =>
        [.. policies.Where(p => PlanningPolicies.KnownNames.Contains((string)p["policy"]!, StringComparer.Ordinal))];

    public static JsonObject Policy(string name) => new() { ["policy"] = name };

    /// <summary>A policy with a batching rule of its own.</summary>
    public static JsonObject Policy(string name, string batching) => new() { ["policy"] = name, ["simulation"] = new JsonObject { ["batching"] = batching } };

    /// <summary>A variant's name as pipeline files allow it.</summary>
    public static string Name(string name) => name.Replace('/', '-');

    /// <summary>A pipeline of a chain of tasks.</summary>
    public static JsonObject Chain(string name, double sloMs, params (string Task, IEnumerable<(string Variant, double Accuracy)> Variants)[] tasks) =>
        Graph(name, sloMs, tasks, tasks.Skip(1).Select((t, i) => (tasks[i].Task, t.Task)));

    /// <summary>A pipeline of tasks and edges.</summary>
    public static JsonObject Graph(
        string name, double sloMs, IEnumerable<(string Task, IEnumerable<(string Variant, double Accuracy)> Variants)> tasks, IEnumerable<(string From, string To)> edges) => new()
    {
        ["name"] = name,
        ["sloMs"] = sloMs,
        ["input"] = new JsonObject { ["name"] = "input", ["datatype"] = "FP32", ["shape"] = new JsonArray(-1) },
        ["tasks"] = new JsonArray([.. tasks.Select(t => (JsonNode)new JsonObject
        {
            ["name"] = t.Task,
            ["variants"] = new JsonArray([.. t.Variants.Select(v => (JsonNode)new JsonObject { ["name"] = v.Variant, ["model"] = $"{v.Variant}.onnx", ["accuracy"] = v.Accuracy })]),
        })]),
        ["edges"] = new JsonArray([.. edges.Select(e => (JsonNode)new JsonObject { ["from"] = e.From, ["to"] = e.To })]),
    };

    /// <summary>Traffic of one part.</summary>
    public static JsonObject Traffic(string name, JsonObject part) => new() { ["name"] = name, ["parts"] = new JsonArray(part) };
}
