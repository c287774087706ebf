using System.Text.Json.Nodes;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>InfAdapter (EuroMLSys 2023): one classifier in five sizes on 20 cores; cost is cores.</summary>
internal static class InfAdapterImport
{
    private const double SloMs = 750;
    private const string Family = "resnet";

    /// <summary>Cores of its evaluation.</summary>
    public const int Cores = 20;

    /// <summary>Tables with the capacities of one objective.</summary>
    public static ImportLayout Tables { get; } = new(
        "tables of InfAdapter's data", ["variants.csv", "effective_capacity_750ms.csv", "capacity_profile.csv"], _ => ["750"], Read);

    private static ImportedScenario Read(ImportSource source)
    {
        var table = source.Table("variants.csv", "variant", "accuracy_top1_fraction", "load_time_s");
        var names = table.Texts("variant");
        foreach (var (name, at) in names.Select((n, i) => (n, i)).Where(x => !x.n.StartsWith(Family, StringComparison.Ordinal) || Array.IndexOf(names, x.n) < x.i))
            table.Fault(at, "not a variant of the family", $"\"{name}\"", $"{Family}18, {Family}34, …, each once");
        source.Check();
        var (accuracies, loads) = (table.Numbers("accuracy_top1_fraction", 0, 1), table.Numbers("load_time_s", 0, 1e4));
        var capacity = source.Table("effective_capacity_750ms.csv", ["cores", .. names]);
        return Scenario(
            source, SloMs, [.. names.Select((n, i) => new InfAdapterVariant(n, accuracies[i], loads[i], [.. capacity.Numbers(n, 0, 1e6)]))],
            source.Table("capacity_profile.csv", ProfileColumns), [Trace(source, "evaluation-main"), Trace(source, "evaluation-alternative")]);
    }

    /// <summary>Columns of the measured capacities.</summary>
    public static string[] ProfileColumns { get; } = ["ARCH", "SLA", "CPU", "saturation_tp"];

    /// <summary>Its controller's view: capacities by cores, an objective, and rates of requests.</summary>
    public static ImportedScenario Scenario(ImportSource source, double sloMs, InfAdapterVariant[] variants, CsvTable profile, JsonNode[] traffic)
    {
        var rows = variants.Select(v => Row(source, profile, v.Name, sloMs)).ToArray();
        return source.Finish(new JsonObject
        {
            ["name"] = "InfAdapter: image classification on 20 cores",
            ["pipelines"] = new JsonArray(new JsonObject { ["pipeline"] = ImportSource.Chain("images", sloMs, ("classify", variants.Select(v => (v.Name, v.Accuracy)))) }),
            ["devices"] = new JsonArray(new JsonObject { ["name"] = "core", ["slots"] = Cores, ["pricePerHour"] = 1 }),
            ["profile"] = new JsonObject { ["csv"] = source.AddProfile(rows) },
            ["cores"] = new JsonObject
            {
                ["minCores"] = 2,
                ["capacityQps"] = new JsonObject(variants.Select(v => KeyValuePair.Create(
                    v.Name, (JsonNode?)new JsonArray([.. v.CapacityQps.Select(q => (JsonNode)q)])))),
                ["loadSeconds"] = new JsonObject(variants.Select(v => KeyValuePair.Create(v.Name, (JsonNode?)v.LoadSeconds))),
            },
            ["traffic"] = new JsonArray(traffic),
            ["simulation"] = new JsonObject { ["modelLoadMs"] = 1000 * variants.Average(v => v.LoadSeconds), ["warmUpSeconds"] = 120 },
            ["policies"] = ImportSource.Policies([Unified(), Slow("infadapter"), Slow("model-switching"), .. rows.Select(Vpa)]),
        });
    }

    // The weights of 2.1: all cores are worth 0.05 of accuracy.
    private static JsonObject Unified()
    {
        var unified = ImportSource.Policy("unified");
        unified["planning"] = new JsonObject { ["objective"] = new JsonObject { ["accuracy"] = 1, ["cost"] = 0.05 / Cores } };
        return unified;
    }

    // The baseline of the paper: five runs, each with one variant and the CPU use that its saturation tells.
    private static JsonObject Vpa(ProfileRow row)
    {
        var vpa = Slow("vpa");
        vpa["label"] = $"vpa-{row.Variant[Family.Length..]}";
        vpa["options"] = new JsonObject
        {
            ["variants"] = new JsonObject { ["classify"] = row.Variant },
            ["qpsPerCore"] = new JsonObject { [row.Variant] = 1000 / row.P50Ms },
        };
        return vpa;
    }

    // InfAdapter's forecast and decision loop: a decision every 30 s, for the peak of what was seen.
    private static JsonObject Slow(string policy) => new()
    {
        ["policy"] = policy,
        ["simulation"] = new JsonObject { ["controlPeriodMs"] = 30_000, ["planOnBurst"] = false, ["reroute"] = false },
        ["forecaster"] = "peak-window:4",
    };

    // InfAdapter's dispatcher: n servers with about n / saturation throughput each.
    private static ProfileRow Row(ImportSource source, CsvTable table, string variant, double sloMs)
    {
        var depth = variant[Family.Length..];
        var service = table.Texts("ARCH").Zip(table.Numbers("SLA", 0, 1e6), table.Numbers("CPU", 1, 1000)).Zip(table.Numbers("saturation_tp", 1e-6, 1e6))
            .Where(r => r.First.First == depth && r.First.Second == sloMs && r.First.Third >= 2)
            .Select(r => 1000 * r.First.Third / r.Second).Order().ToArray();
        source.Check();
        if (service.Length == 0)
            throw new ScenarioFormatException("capacities", $"no saturation_tp of {variant} at {sloMs} ms", null, $"rows with ARCH {depth}, SLA {sloMs} and CPU of 2 or more");
        var ms = service[service.Length / 2];
        return new ProfileRow(variant, "core", 1, ms, ms, ms, ms);
    }

    private static JsonObject Trace(ImportSource source, string name) => ImportSource.Traffic(name, new JsonObject
    {
        ["kind"] = "rates",
        ["csv"] = source.AddRates(name, source.Table($"traces/{name}.csv", "rps").Numbers("rps", 0, 1e6)),
    });
}
