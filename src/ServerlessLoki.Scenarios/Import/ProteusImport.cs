using System.Text.Json.Nodes;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>Proteus (applications and cluster and traces of the evaluation): independent models on unlike devices.</summary>
internal static class ProteusImport
{
    private const double SloMs = 300;
    private const int MaxBatch = 8;

    /// <summary>Tables with one trace.</summary>
    public static ImportLayout Tables { get; } = new(
        "tables of Proteus' data", ["aggregate_profiled.csv", "model_variants.csv"], _ => ["medium-normal"], Read);

    // Proteus' cluster: the VPUs copy the CPU profile, so 20 of them.
    private static readonly (string Accelerator, string Device, int Slots)[] Kinds =
        [("onnxruntime_cpu", "cpu", 20), ("onnxruntime_gpu_pascal", "pascal", 10), ("onnxruntime_gpu_ampere", "ampere", 10)];

    private static ImportedScenario Read(ImportSource source)
    {
        var profile = Profile(source.Table("aggregate_profiled.csv", "Model", "Accel", "batchsize", "50th_pct"));
        var table = source.Table("model_variants.csv", "family", "variant", "normalized_accuracy_pct", "in_full_set");
        var families = table.Texts("family").Zip(table.Texts("variant"), table.Numbers("normalized_accuracy_pct", 0, 100))
            .Zip(table.Texts("in_full_set"), (x, full) => (Family: x.First, Variant: x.Second, Accuracy: x.Third, IsFull: full == "yes"))
            .Where(v => v.IsFull).GroupBy(v => v.Family, StringComparer.Ordinal)
            .Select(f => new ProteusFamily(f.Key, SloMs, [.. f.Select(v => (v.Variant, v.Accuracy))])).ToArray();
        var trace = new ProteusTrace();
        foreach (var family in families)
            trace.Add(family.Name, source.Text($"trace_medium_normal_load_300/{family.Name}.txt"), $"trace_medium_normal_load_300/{family.Name}.txt");
        return Scenario(source, "medium-normal", profile, families, trace);
    }

    /// <summary>The cluster of the evaluation with these families and this trace.</summary>
    public static ImportedScenario Scenario(ImportSource source, string traffic, List<ProfileRow> profile, ProteusFamily[] families, ProteusTrace trace)
    {
        var profiled = profile.Select(r => r.Variant).ToHashSet(StringComparer.Ordinal);
        return source.Finish(new JsonObject
        {
            ["name"] = $"Proteus: {families.Length} model families on 40 devices of three kinds",
            ["pipelines"] = new JsonArray([.. families.Select(f => (JsonNode)new JsonObject
            {
                ["pipeline"] = ImportSource.Chain(
                    f.Name, f.SloMs, (f.Name, f.Variants.Select(v => (ImportSource.Name(v.Name), v.AccuracyPercent / 100)).Where(v => profiled.Contains(v.Item1)))),
            })]),
            ["devices"] = new JsonArray([.. Kinds.Select(k => (JsonNode)new JsonObject { ["name"] = k.Device, ["slots"] = k.Slots })]),
            ["profile"] = new JsonObject { ["csv"] = source.AddProfile(profile) },
            ["options"] = new JsonObject { ["maxBatch"] = MaxBatch, ["fillLeftover"] = true, ["relativeGap"] = 1e-4 },
            ["traffic"] = new JsonArray(ImportSource.Traffic(traffic, new JsonObject { ["kind"] = "timestamps", ["csv"] = source.Add("trace.csv", trace.Csv()) })),
            ["policies"] = ImportSource.Policies(
                // Their batching in its evaluation; that of INFaaS, which starves partial batches, is none of the simulator's.
                ImportSource.Policy("unified"), ImportSource.Policy("proteus", "full-batch"), ImportSource.Policy("sommelier", "full-batch"), ImportSource.Policy("infaas"),
                ImportSource.Policy("clipper-ht", "aimd"), ImportSource.Policy("clipper-ha", "aimd")),
        });
    }

    /// <summary>Median latencies of the three kinds of device, to the largest batch of the evaluation.</summary>
    public static List<ProfileRow> Profile(CsvTable table)
    {
        var rows = new List<ProfileRow>();
        var (models, accelerators) = (table.Texts("Model"), table.Texts("Accel"));
        var (batches, medians) = (table.Numbers("batchsize", 1, 1024), table.Numbers("50th_pct", 1e-6, 1e7));
        for (var i = 0; i < models.Length; i++)
        {
            var kind = Array.FindIndex(Kinds, k => k.Accelerator == accelerators[i]);
            if (kind >= 0 && batches[i] <= MaxBatch)
                rows.Add(new ProfileRow(ImportSource.Name(models[i]), Kinds[kind].Device, (int)batches[i], medians[i], medians[i], medians[i], medians[i]));
        }

        // Some rows stand twice in the origin (Proteus, public profiles); the later one counts, as in a profile.
        return [.. rows.GroupBy(r => (r.Variant, r.Device, r.Batch)).Select(g => g.Last())];
    }
}
