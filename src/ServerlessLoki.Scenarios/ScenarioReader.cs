using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reader of scenario files. A bad file is refused as a whole, with all faults at once, those of the files it names
/// included.</summary>
public sealed class ScenarioReader
{
    private readonly ScenarioSource _source;
    private readonly ScenarioNames _names;

    private ScenarioReader(Func<string, string> readText, Func<string, TextReader>? open, ScenarioNames names) => (_source, _names) = (new ScenarioSource(readText, open), names);

    /// <summary>JSON schema of scenario files, for editors.</summary>
    public static string Schema { get; } = EmbeddedText.Read(typeof(ScenarioReader), "scenario.schema.json");

    /// <summary>Reads and validates a scenario.</summary>
    /// <param name="json">Text of the file.</param>
    /// <param name="source">Name of the file for messages.</param>
    /// <param name="readText">Reads a file that the scenario names, by its path as written there. An <see cref="IOException"/> or
    /// <see cref="UnauthorizedAccessException"/> from it becomes a fault.</param>
    /// <param name="names">Registries that resolve names; null = the built-in policies and forecasters.</param>
    /// <param name="open">Opens a CSV of traffic, as <paramref name="readText"/> does, to be read row by row: it may be larger than memory; null =
    /// <paramref name="readText"/>.</param>
    /// <exception cref="ScenarioFormatException">The text or a file it names has faults; lists all.</exception>
    public static Scenario Read(string json, string source, Func<string, string> readText, ScenarioNames? names = null, Func<string, TextReader>? open = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(readText);
        var reader = new ScenarioReader(readText, open, names ?? new ScenarioNames());
        var faults = reader._source.Faults;
        var scenario = JsonValue.Parse(json, faults) is { } root ? reader.Read(root) : null;
        return faults.Count == 0 && scenario is not null ? scenario : throw new ScenarioFormatException(source, faults.All);
    }

    private Scenario? Read(JsonValue root)
    {
        if (!root.IsObjectWith(
            "$schema", "name", "policy", "pipelines", "devices", "profile", "cores", "options", "traffic", "simulation", "failures", "forecaster",
            "policies", "seeds"))
        {
            return null;
        }

        var name = root.TryRequired("name", "a text", out var nameValue) ? nameValue.Text() : null;
        var hasTraffic = root.TryOptional("traffic", out var t);
        var pipelines = root.TryRequired("pipelines", "an array of at least one pipeline", out var p) ? PipelinesReader.Read(p, !hasTraffic, _source) : [];
        var devices = root.TryRequired("devices", "an array of at least one device type", out var d) ? DevicesReader.Read(d) : [];
        var rows = root.TryRequired("profile", "an object with csv or rows", out var profileValue) ? ProfileReader.Read(profileValue, _source) : [];
        var variants = pipelines.SelectMany(x => x.Pipeline.Tasks).SelectMany(x => x.Variants).Select(v => v.Name).Distinct(StringComparer.Ordinal).ToArray();
        var cores = root.TryOptional("cores", out var c) ? CoresReader.Read(c, variants) : null;
        var options = root.TryOptional("options", out var o) ? OptionsReader.Read(o, new PlanningOptions()) : new PlanningOptions();
        var traces = hasTraffic ? new TrafficReader([.. pipelines.Select(x => x.Pipeline.Name)], _source).Read(t) : [];
        var simulation = root.TryOptional("simulation", out var s) ? SimulationReader.Read(s, new SimulationOptions()) : new SimulationOptions();
        var failures = root.TryOptional("failures", out var f) ? DevicesReader.Failures(f, devices) : [];
        var forecaster = root.TryOptional("forecaster", out var w) ? ForecasterReader.Read(w, _names) : null;
        var setups = root.TryOptional("policies", out var q) ? PolicySetupReader.Read(q, options, simulation, _names) : [];
        var seeds = root.TryOptional("seeds", out var seedValue) ? Seeds(seedValue) : [1, 2, 3, 4, 5];
        var policy = root.TryOptional("policy", out var policyValue) ? policyValue.OneOf(PolicyNames(setups)) : null;
        if (_source.Faults.Count > 0)
            return null;
        var first = traces.Count > 0 && pipelines.Exists(x => x.DemandQps is null) ? FirstDemand.Qps(traces[0].Arrivals, [.. pipelines.Select(x => x.Pipeline.SloUs)]) : null;
        var problem = new PlanningProblem
        {
            Pipelines = [.. pipelines.Select((x, i) => new PipelineDemand(x.Pipeline, x.DemandQps ?? first?[i] ?? 0, x.FanOut))],
            Devices = [.. devices],
            Profile = new LatencyProfile(rows),
            Cores = cores,
            Options = options,
        };
        CheckProfiled(problem, p);
        MemoryCheck.Run(problem, p, _source.Faults);
        return new Scenario
        {
            Name = name!,
            Problem = problem,
            IsDemandOfTraffic = first is not null,
            Policy = policy,
            Policies = [.. setups],
            KnownPolicies = _names.Policies,
            Traces = [.. traces],
            TrueFanOut = [.. pipelines.Select(x => x.TrueFanOut)],
            Simulation = simulation,
            Failures = [.. failures],
            Forecaster = forecaster,
            Seeds = seeds,
        };
    }

    private string[] PolicyNames(List<PolicySetup> setups) =>
        [.. setups.Select(s => s.Label).Concat(_names.Policies.Names).Distinct(StringComparer.Ordinal)];

    private static ImmutableArray<ulong> Seeds(JsonValue value)
    {
        var items = ScenarioSource.NotEmpty(value, "an array of at least one seed");
        var seeds = items.Select(x => (ulong)(x.Integer(0, long.MaxValue) ?? 0)).ToImmutableArray();
        if (seeds.Distinct().Count() < seeds.Length)
            value.Fault("a seed stands twice", null, "different seeds: the same one gives the same run");
        return seeds;
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
                    _source.Faults.Add(
                        $"{pipelines.Path}[{p}]", $"no variant of task \"{task.Name}\" is profiled on any of the devices",
                        string.Join(", ", task.Variants.Select(v => v.Name)), $"profile rows for one of them on {string.Join(", ", problem.Devices.Select(d => d.Name))}");
                }
            }
        }
    }
}
