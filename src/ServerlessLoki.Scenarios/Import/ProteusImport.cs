using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>Proteus (applications and cluster and trace of the evaluation): independent models on unlike devices.</summary>
internal static class ProteusImport
{
    private const double SloMs = 300;
    private const int MaxBatch = 8;

    // Proteus' cluster: the VPUs copy the CPU profile, so 20 of them.
    private static readonly (string Accelerator, string Device, int Slots)[] Kinds =
        [("onnxruntime_cpu", "cpu", 20), ("onnxruntime_gpu_pascal", "pascal", 10), ("onnxruntime_gpu_ampere", "ampere", 10)];

    public static ImportedScenario Read(ImportSource source)
    {
        var profile = Profile(source.Table("aggregate_profiled.csv", "Model", "Accel", "batchsize", "50th_pct"));
        var profiled = profile.Select(r => r.Variant).ToHashSet(StringComparer.Ordinal);
        var table = source.Table("model_variants.csv", "family", "variant", "normalized_accuracy_pct", "in_full_set");
        var variants = table.Texts("family").Zip(table.Texts("variant"), table.Numbers("normalized_accuracy_pct", 0, 100))
            .Zip(table.Texts("in_full_set"), (x, full) => (Family: x.First, Variant: ImportSource.Name(x.Second), Accuracy: x.Third / 100, IsFull: full == "yes"))
            .Where(v => v.IsFull && profiled.Contains(v.Variant)).ToArray();
        var families = variants.Select(v => v.Family).Distinct(StringComparer.Ordinal).ToArray();
        return source.Finish(new JsonObject
        {
            ["name"] = "Proteus: nine model families on 40 devices of three kinds",
            ["pipelines"] = new JsonArray([.. families.Select(f => (JsonNode)new JsonObject
            {
                ["pipeline"] = ImportSource.Chain(f, SloMs, (f, variants.Where(v => v.Family == f).Select(v => (v.Variant, v.Accuracy)))),
            })]),
            ["devices"] = new JsonArray([.. Kinds.Select(k => (JsonNode)new JsonObject { ["name"] = k.Device, ["slots"] = k.Slots })]),
            ["profile"] = new JsonObject { ["csv"] = source.AddProfile(profile) },
            ["options"] = new JsonObject { ["maxBatch"] = MaxBatch, ["fillLeftover"] = true, ["relativeGap"] = 1e-4 },
            ["traffic"] = new JsonArray(ImportSource.Traffic("medium-normal", new JsonObject { ["kind"] = "timestamps", ["csv"] = source.Add("trace.csv", Trace(source, families)) })),
            ["policies"] = ImportSource.Policies(
                ImportSource.Policy("unified"), ImportSource.Policy("proteus"), ImportSource.Policy("sommelier"), ImportSource.Policy("infaas"),
                ImportSource.Policy("clipper-ht"), ImportSource.Policy("clipper-ha")),
        });
    }

    private static List<ProfileRow> Profile(CsvTable table)
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

    private static string Trace(ImportSource source, string[] families)
    {
        var queries = new List<(long AtMs, string Family)>();
        foreach (var family in families)
        {
            foreach (var line in source.Text($"trace_medium_normal_load_300/{family}.txt").AsSpan().EnumerateLines())
            {
                if (!line.IsEmpty)
                    queries.Add((long.Parse(line[..line.IndexOf(',')], CultureInfo.InvariantCulture), family));
            }
        }

        var text = new StringBuilder("at_ms,pipeline\n");
        foreach (var (atMs, family) in queries.OrderBy(q => q.AtMs))
            text.Append(CultureInfo.InvariantCulture, $"{atMs},{family}\n");
        return text.ToString();
    }
}
