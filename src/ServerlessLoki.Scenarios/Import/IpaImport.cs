using System.Text.Json.Nodes;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>IPA (inputs and evaluation): chains of two tasks whose replicas have fixed cores; cost is cores.</summary>
internal static class IpaImport
{
    /// <summary>Profiles at each variant's fixed cores.</summary>
    public const string Profile = "profile_base_allocation.csv";

    // Cores were never short in the published runs.
    private const int Cores = 400;

    // IPA's serving: reconfiguration takes about 8 s, during which the old one serves.
    private const double LoadMs = 8000;

    /// <summary>Tables of two of its pipelines.</summary>
    public static ImportLayout Tables { get; } = new(
        "tables of IPA's data", ["pipelines.json", "profile_base_allocation.csv", "accuracies.csv"], _ => ["video", "audio-qa"], Read);

    private static ImportedScenario Read(ImportSource source)
    {
        var name = source.Chosen;
        var settings = ImportJson.Parse(source, "pipelines.json")["pipelines"][name];
        var rows = Rows(source, name, Margin(settings, "latencyMarginPercent"), Margin(settings, "throughputMarginPercent"));
        var stages = settings["stages"].Items.Select(s => s["name"].Text).ToArray();
        return Scenario(
            source, settings["slaPlottedSeconds"].Number * 1000, stages, rows, Accuracies(source, name),
            [Trace(source, "bursty"), Trace(source, "steady-low")], Policies(settings, stages));
    }

    /// <summary>A chain of stages whose replicas have fixed cores.</summary>
    public static ImportedScenario Scenario(
        ImportSource source, double sloMs, string[] stages, IReadOnlyList<IpaProfile> rows, IReadOnlyDictionary<string, double> accuracy, JsonNode[] traffic, JsonArray policies)
    {
        return source.Finish(new JsonObject
        {
            ["name"] = $"IPA: {source.Chosen}",
            ["pipelines"] = new JsonArray(new JsonObject
            {
                ["pipeline"] = ImportSource.Chain(source.Chosen, sloMs, [.. stages.Select(s => (s, Variants(s)))]),
            }),
            ["devices"] = new JsonArray(new JsonObject { ["name"] = "core", ["slots"] = Cores, ["pricePerHour"] = 1 }),
            ["profile"] = new JsonObject { ["csv"] = source.AddProfile(rows.Select(r => r.Row)) },
            ["cores"] = new JsonObject
            {
                ["perReplica"] = new JsonObject(rows.GroupBy(r => r.Row.Variant, StringComparer.Ordinal).Select(g => KeyValuePair.Create(g.Key, (JsonNode?)g.First().Cores))),
            },
            ["traffic"] = new JsonArray(traffic),
            ["simulation"] = new JsonObject { ["modelLoadMs"] = LoadMs, ["warmUpSeconds"] = 20 },
            ["policies"] = policies,
        });

        IEnumerable<(string, double)> Variants(string stage) =>
            rows.Where(r => r.Stage == stage).Select(r => r.Row.Variant).Distinct(StringComparer.Ordinal).Where(accuracy.ContainsKey).Select(v => (v, accuracy[v]));
    }

    private static double Margin(ImportJson settings, string key) => 1 + (settings[key].Number / 100);

    /// <summary>Profiles of a pipeline, with the margins of its settings as factors.</summary>
    // The policy takes throughput as batch / p50 and latency as p99 (IPA, profiles).
    public static List<IpaProfile> Rows(ImportSource source, string pipeline, double latency, double throughput)
    {
        var table = source.Table(Profile, "pipeline", "stage", "variant", "cores", "batch", "throughput_rps", "latency_p99_s");
        var (pipelines, stages, variants) = (table.Texts("pipeline"), table.Texts("stage"), table.Texts("variant"));
        var (cores, batches) = (table.Numbers("cores", 1, 1000), table.Numbers("batch", 1, 1024));
        var (rps, p99) = (table.Numbers("throughput_rps", 1e-6, 1e6), table.Numbers("latency_p99_s", 1e-9, 1e6));
        var rows = new List<IpaProfile>();
        for (var i = 0; i < pipelines.Length; i++)
        {
            if (pipelines[i] != pipeline)
                continue;
            var (medianMs, tailMs) = (1000 * batches[i] / (rps[i] * throughput), 1000 * p99[i] * latency);
            rows.Add(new IpaProfile(stages[i], (int)cores[i], new ProfileRow(variants[i], "core", (int)batches[i], medianMs, tailMs, tailMs, tailMs)));
        }

        return rows;
    }

    private static Dictionary<string, double> Accuracies(ImportSource source, string pipeline)
    {
        var table = source.Table("accuracies.csv", "pipeline", "variant", "accuracy_percent", "variant_list");
        return table.Texts("pipeline").Zip(table.Texts("variant"), table.Numbers("accuracy_percent", 0, 100)).Zip(table.Texts("variant_list"))
            .Where(r => r.First.First == pipeline && r.Second == "results")
            // Of two rows of a variant the later one counts, as in a profile.
            .GroupBy(r => r.First.Second, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().First.Third / 100, StringComparer.Ordinal);
    }

    private static JsonObject Trace(ImportSource source, string name) => ImportSource.Traffic(name, new JsonObject
    {
        ["kind"] = "rates",
        ["csv"] = source.AddRates(name, source.Table($"traces/{name}.csv", "rps_damped8").Numbers("rps_damped8", 0, 1e6)),
    });

    // One set of weights for all (IPA, weights of its artifact), and the published pins (IPA, baselines).
    private static JsonArray Policies(ImportJson settings, string[] stages)
    {
        var (accuracy, cores) = (settings["alpha"].Number, settings["beta"].Number);
        var baselines = settings["baselines"];
        return ImportSource.Policies(
            [
                Unified(accuracy, cores), Slow("ipa", Weights()), Slow("fa2-low", Pinned("FA2-low")), Slow("fa2-high", Pinned("FA2-high")),
                .. baselines["RIM"]["pinReplicas"].Members.Select(r => Rim(r.Name, r.Value)),
            ]);

        JsonObject Weights() => new() { ["accuracyWeight"] = accuracy, ["coreWeight"] = cores };

        JsonObject Pinned(string baseline)
        {
            var options = Weights();
            options["variants"] = ByStage(baselines[baseline]["pinVariants"]);
            return options;
        }

        JsonObject Rim(string trace, ImportJson replicas)
        {
            var options = Weights();
            options["replicas"] = ByStage(replicas);
            var rim = Slow("rim", options);
            rim["label"] = $"rim-{trace}";
            return rim;
        }

        JsonObject ByStage(ImportJson values) => new(stages.Zip(values.Items, (s, v) => KeyValuePair.Create(s, JsonNode.Parse(v.Raw))));
    }

    /// <summary>Plans by the weights of IPA.</summary>
    public static JsonObject Unified(double accuracy, double cores)
    {
        var unified = ImportSource.Policy("unified");
        unified["planning"] = new JsonObject { ["objective"] = new JsonObject { ["accuracy"] = accuracy, ["cost"] = cores } };
        return unified;
    }

    /// <summary>A policy in IPA's loop.</summary>
    // IPA's adapter loop: a decision every 10 s, for the largest load of the last two minutes; its queues collect a batch (IPA, serving).
    public static JsonObject Slow(string policy, JsonObject options) => new()
    {
        ["policy"] = policy,
        ["options"] = options,
        ["simulation"] = new JsonObject { ["controlPeriodMs"] = 10_000, ["planOnBurst"] = false, ["reroute"] = false, ["batching"] = "full-batch" },
        ["forecaster"] = "peak-window:12",
    };
}
