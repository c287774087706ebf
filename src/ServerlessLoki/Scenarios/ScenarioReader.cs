using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads scenario files. A bad file is refused whole, with every fault in one go, those of the files it names included.</summary>
public sealed class ScenarioReader
{
    private readonly FaultList _faults = new();
    private readonly Func<string, string> _readText;

    private ScenarioReader(Func<string, string> readText) => _readText = readText;

    /// <summary>The JSON schema of scenario files, for editors.</summary>
    public static string Schema { get; } = EmbeddedText.Read("scenario.schema.json");

    /// <summary>Reads and validates a scenario.</summary>
    /// <param name="json">Text of the file.</param>
    /// <param name="source">Name of the file for messages.</param>
    /// <param name="readText">Reads a file that the scenario names by its path as written there. An <see cref="IOException"/>
    /// or <see cref="UnauthorizedAccessException"/> from it becomes a fault.</param>
    /// <exception cref="ScenarioFormatException">The text or a file it names has faults; lists all.</exception>
    public static Scenario Read(string json, string source, Func<string, string> readText)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(readText);
        var reader = new ScenarioReader(readText);
        var scenario = JsonValue.Parse(json, reader._faults) is { } root ? reader.Read(root) : null;
        return reader._faults.Count == 0 && scenario is not null ? scenario : throw new ScenarioFormatException(source, reader._faults.All);
    }

    private Scenario? Read(JsonValue root)
    {
        if (!root.IsObjectWith("$schema", "name", "policy", "pipelines", "devices", "profile", "options"))
            return null;
        var name = root.TryRequired("name", "a text", out var nameValue) ? nameValue.Text() : null;
        var policy = root.TryOptional("policy", out var policyValue) ? policyValue.OneOf(PlanningPolicies.KnownNames.AsSpan()) : null;
        var pipelines = root.TryRequired("pipelines", "an array of at least one pipeline", out var p) ? Pipelines(p) : [];
        var devices = root.TryRequired("devices", "an array of at least one device type", out var d) ? Devices(d) : [];
        var rows = root.TryRequired("profile", "an object with csv or rows", out var profileValue) ? Profile(profileValue) : [];
        var options = root.TryOptional("options", out var o) ? OptionsReader.Read(o) : new PlanningOptions();
        if (_faults.Count > 0)
            return null;
        var problem = new PlanningProblem
        {
            Pipelines = [.. pipelines],
            Devices = [.. devices],
            Profile = new LatencyProfile(rows),
            Options = options,
        };
        CheckProfiled(problem, p);
        return new Scenario { Name = name!, Problem = problem, Policy = policy };
    }

    private List<PipelineDemand> Pipelines(JsonValue value)
    {
        var pipelines = new List<PipelineDemand>();
        var items = NotEmpty(value, "an array of at least one pipeline");
        foreach (var item in items)
        {
            if (!item.IsObjectWith("file", "pipeline", "demandQps", "fanOut"))
                continue;
            var demand = item.TryRequired("demandQps", "queries per second", out var q) ? q.Number(0, 1e9) : null;
            var pipeline = Pipeline(item);
            if (pipeline is null)
                continue;
            if (pipelines.Exists(x => x.Pipeline.Name == pipeline.Name))
                item.Fault("two pipelines have the same name", $"\"{pipeline.Name}\"", "unique names");
            var fanOut = item.TryOptional("fanOut", out var f) ? FanOutReader.Read(f, pipeline) : FanOut.One(pipeline);
            pipelines.Add(new PipelineDemand(pipeline, demand ?? 0, fanOut));
        }

        return pipelines;
    }

    private Pipeline? Pipeline(JsonValue item)
    {
        var inline = item.TryOptional("pipeline", out var pipeline);
        var named = item.TryOptional("file", out var file);
        if (inline == named)
        {
            item.Fault(inline ? "both file and pipeline are given" : "no pipeline is given", null, "either \"file\" (path of a pipeline file) or \"pipeline\" (its content)");
            return null;
        }

        if (inline)
            return PipelineReader.Read(pipeline, _faults, transforms: null);
        if (Text(file) is not { } text)
            return null;
        var root = JsonValue.Parse(text, _faults, file.RawText + " ");
        return root is { } content ? PipelineReader.Read(content, _faults, transforms: null) : null;
    }

    private static List<DeviceType> Devices(JsonValue value)
    {
        var devices = new List<DeviceType>();
        foreach (var item in NotEmpty(value, "an array of at least one device type"))
        {
            if (!item.IsObjectWith("name", "slots", "slotShare", "pricePerHour"))
                continue;
            var name = item.TryRequired("name", "a name as in the profile", out var n) ? n.Text() : null;
            var slots = item.TryRequired("slots", "a whole number", out var s) ? s.Integer(0, 1_000_000) : null;
            var share = item.TryOptional("slotShare", out var h) ? h.Number(1e-6, 1) : 1;
            var price = item.TryOptional("pricePerHour", out var c) ? c.Number(0, 1e9) : 0;
            if (name is not null && devices.Exists(x => x.Name == name))
                n.Fault("two device types have the same name", $"\"{name}\"", "unique names");
            devices.Add(new DeviceType(name ?? "", (int)(slots ?? 0), share ?? 1, price ?? 0));
        }

        return devices;
    }

    private List<ProfileRow> Profile(JsonValue value)
    {
        if (!value.IsObjectWith("csv", "rows"))
            return [];
        var csv = value.TryOptional("csv", out var path);
        var inline = value.TryOptional("rows", out var rows);
        if (csv == inline)
        {
            value.Fault(csv ? "both csv and rows are given" : "no profile is given", null, "either \"csv\" (path of a profile) or \"rows\"");
            return [];
        }

        if (csv)
            return Text(path) is { } text ? ProfileCsv.ReadRows(text, path.RawText + " ", _faults) : [];
        return [.. NotEmpty(rows, "an array of at least one row").Select(Row).OfType<ProfileRow>()];
    }

    private static ProfileRow? Row(JsonValue item)
    {
        if (!item.IsObjectWith("variant", "device", "batch", "p50Ms", "p90Ms", "p95Ms", "p99Ms"))
            return null;
        var variant = item.TryRequired("variant", "a variant's name", out var v) ? v.Text() : null;
        var device = item.TryRequired("device", "a device type's name", out var d) ? d.Text() : null;
        var batch = item.TryRequired("batch", "a whole number of at least 1", out var b) ? b.Integer(1, 1_000_000) : null;
        var p50 = item.TryRequired("p50Ms", "milliseconds above 0", out var median) ? median.Number(1e-6, 1e9) : null;
        var (p90, p95, p99) = (Percentile("p90Ms"), Percentile("p95Ms"), Percentile("p99Ms"));
        return variant is null || device is null || batch is null || p50 is null
            ? null
            : new ProfileRow(variant, device, (int)batch, p50.Value, p90 ?? p50.Value, p95 ?? p90 ?? p50.Value, p99 ?? p95 ?? p90 ?? p50.Value);

        double? Percentile(string key) => item.TryOptional(key, out var x) ? x.Number(1e-6, 1e9) : null;
    }

    // A task that nothing can run makes every plan empty; better said now.
    private void CheckProfiled(PlanningProblem problem, JsonValue pipelines)
    {
        for (var p = 0; p < problem.Pipelines.Length; p++)
        {
            foreach (var task in problem.Pipelines[p].Pipeline.Tasks)
            {
                if (!task.Variants.Any(v => problem.Devices.Any(d => problem.Profile.Find(v.Name, d.Name) is not null)))
                {
                    _faults.Add(
                        $"{pipelines.Path}[{p}]", $"no variant of task \"{task.Name}\" is profiled on any of the devices",
                        string.Join(", ", task.Variants.Select(v => v.Name)), $"profile rows for one of them on {string.Join(", ", problem.Devices.Select(d => d.Name))}");
                }
            }
        }
    }

    private string? Text(JsonValue path)
    {
        if (path.Text("path of a file") is not { } name)
            return null;
        try
        {
            return _readText(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            path.Fault("the file cannot be read: " + e.Message, $"\"{name}\"", "path of a readable file, relative to the scenario file");
            return null;
        }
    }

    private static IReadOnlyList<JsonValue> NotEmpty(JsonValue value, string allowed)
    {
        var items = value.Items(allowed);
        if (items.Count == 0 && value.IsArray)
            value.Fault("the array is empty", null, allowed);
        return items;
    }
}
