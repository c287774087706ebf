using System.Text.Json.Nodes;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>Loki's traffic analysis as its planner sees it (Loki, inputs of its planner and traffic analysis on its public profiles): detect, then classify each car, on 18 servers.</summary>
/// <remarks>The origin ships no request trace. The shape is that of Proteus' trace where its data lie beside (Loki, workload of the evaluation), else a day
/// made here; both stretched to the published 50..425 queries per second.</remarks>
internal static class LokiImport
{
    private const double SloMs = 250;
    private const int Servers = 18;
    private const int Seconds = 340;

    // Loki's multiplicative factors, the rounded planner constants; yolov5s and efficientnet-b7 are not planned.
    private static readonly (string Name, double Cars)[] Detectors =
        [("yolov5n", 1.9845), ("yolov5m", 13.7693), ("yolov5l", 17.4605), ("yolov5x", 17.8170)];

    /// <summary>Tables of the planner's inputs.</summary>
    public static ImportLayout Tables { get; } = new(
        "tables of Loki's data", ["variant_accuracy.csv", "simulator_runtimes.csv"], _ => ["as-shipped", "corrected"], Read);

    private static ImportedScenario Read(ImportSource source)
    {
        var table = source.Table("variant_accuracy.csv", "variant", "accuracy_pct_as_shipped", "accuracy_pct_suggested");
        var column = source.Chosen == "corrected" ? "accuracy_pct_suggested" : "accuracy_pct_as_shipped";
        var accuracy = table.Texts("variant").Zip(table.Numbers(column, 0, 100, empty: 0)).GroupBy(x => x.First, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Last().Second / 100, StringComparer.Ordinal);
        var classified = Enumerable.Range(0, 7).Select(i => $"efficientnet-b{i}").ToArray();
        if (Detectors.Select(d => d.Name).Concat(classified).Where(v => !accuracy.ContainsKey(v)).ToArray() is { Length: > 0 } missing)
            throw new ScenarioFormatException("variant_accuracy.csv", "variants are missing", string.Join(", ", missing), "a row for each variant that is planned");
        var detectors = Detectors.Select(d => (d.Name, accuracy[d.Name])).ToArray();
        var classifiers = classified.Select(n => (n, accuracy[n])).ToArray();
        var planned = detectors.Select(d => d.Name).Concat(classifiers.Select(c => c.n)).ToHashSet(StringComparer.Ordinal);
        return source.Finish(new JsonObject
        {
            ["name"] = $"Loki: traffic analysis on 18 servers, accuracies {source.Chosen}",
            ["pipelines"] = new JsonArray(new JsonObject
            {
                ["pipeline"] = ImportSource.Chain("traffic_analysis", SloMs, ("object_detection", detectors), ("car_classification", classifiers)),
                ["fanOut"] = new JsonArray(new JsonObject
                {
                    ["from"] = "object_detection",
                    ["to"] = "car_classification",
                    ["factors"] = new JsonObject(Detectors.Select(d => KeyValuePair.Create(d.Name, (JsonNode?)d.Cars))),
                }),
            }),
            ["devices"] = new JsonArray(new JsonObject { ["name"] = "server", ["slots"] = Servers, ["pricePerHour"] = 1 }),
            ["profile"] = new JsonObject { ["csv"] = source.AddProfile(Profile(source, "simulator_runtimes.csv", planned)) },
            ["traffic"] = Traffic(source, "../proteus/trace_medium_normal_load_300"),
            ["policies"] = Policies(),
        });
    }

    /// <summary>The systems of its evaluation, each with its batching (Loki, worker; Proteus, adaptive batching).</summary>
    public static JsonArray Policies() => ImportSource.Policies(
        ImportSource.Policy("unified"), ImportSource.Policy("loki", "fixed-size"), ImportSource.Policy("inferline", "fixed-size"),
        ImportSource.Policy("hardware-only", "fixed-size"), ImportSource.Policy("proteus", "full-batch"));

    /// <summary>Median latencies at the batches that are powers of two.</summary>
    public static IEnumerable<ProfileRow> Profile(ImportSource source, string path, IReadOnlySet<string> planned)
    {
        var table = source.Table(path, "Model", "batchsize", "50th_pct");
        var medians = table.Numbers("50th_pct", 1e-6, 1e7);
        return table.Texts("Model").Zip(table.Numbers("batchsize", 1, 1024), medians)
            .Where(r => planned.Contains(r.First) && double.IsPow2(r.Second))
            .GroupBy(r => (r.First, r.Second))
            // The blocks of the three accelerators hold the same numbers.
            .Select(g => g.First())
            .Select(r => new ProfileRow(r.First, "server", (int)r.Second, r.Third, r.Third, r.Third, r.Third));
    }

    /// <summary>A day made here, after the shape of a trace of Proteus where its folder exists.</summary>
    public static JsonArray Traffic(ImportSource source, string proteus)
    {
        var made = ImportSource.Traffic("made day", Rates(source.AddRates("day", Day())));
        var files = source.Folder.Files(proteus).Where(f => f.EndsWith(".txt", StringComparison.Ordinal)).Select(f => $"{proteus}/{f}").ToArray();
        return files.Length == 0 ? [made] : [ImportSource.Traffic("shape of Proteus' trace", Rates(source.AddRates("shape", Shape(source, files)))), made];
    }

    private static JsonObject Rates(string file) => new() { ["kind"] = "rates", ["csv"] = file, ["rangeQps"] = new JsonArray(50, 425) };

    // Two bumps of unlike height over a day, as serverless invocations have.
    private static IEnumerable<double> Day() => Enumerable.Range(0, Seconds).Select(s =>
    {
        var x = s / (double)Seconds;
        return Math.Exp(-Math.Pow((x - 0.35) / 0.12, 2)) + (0.6 * Math.Exp(-Math.Pow((x - 0.75) / 0.08, 2)));
    });

    // Means over ten seconds: the total's own noise would be stretched to bursts.
    private static double[] Shape(ImportSource source, string[] files)
    {
        var trace = new ProteusTrace();
        foreach (var file in files)
            trace.Add("", source.Text(file), file);
        var counts = new double[Seconds];
        foreach (var second in trace.TimesMs.Select(t => t / 1000).Where(s => s < Seconds))
            counts[second]++;

        var length = Array.FindLastIndex(counts, c => c > 0) + 1;
        return [.. Enumerable.Range(0, length).Select(s => counts[Math.Max(0, s - 5)..Math.Min(length, s + 5)].Average())];
    }
}
