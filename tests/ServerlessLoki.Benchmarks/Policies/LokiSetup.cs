using System.Globalization;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Benchmarks.Policies;

/// <summary>Loki's cluster and pipeline (Loki, inputs of its planner), read from the public data where it lies; never part of the project.</summary>
internal static class LokiSetup
{
    private const int Slots = 18;

    // Loki, multiplicative factors; yolov5s and efficientnet-b7 are not planned.
    private static readonly (string Name, double Cars)[] Detectors =
        [("yolov5n", 1.9845), ("yolov5m", 13.7693), ("yolov5l", 17.4605), ("yolov5x", 17.8170)];

    public static bool TryRead(double qps, out PlanningProblem problem)
    {
        var folder = new[] { Environment.GetEnvironmentVariable("LOKI_DATA"), "../shared/data" }
            .OfType<string>().Select(f => Path.Combine(f, "loki")).FirstOrDefault(Directory.Exists);
        problem = null!;
        if (folder is null)
            return false;
        var accuracy = Rows(folder, "variant_accuracy.csv").ToDictionary(r => r["variant"], r => Number(r["accuracy_pct_suggested"]) / 100, StringComparer.Ordinal);
        string Variants(IEnumerable<string> names) => string.Join(", ", names.Select(n => string.Create(
            CultureInfo.InvariantCulture, $"{{\"name\": \"{n}\", \"model\": \"m.onnx\", \"accuracy\": {accuracy[n]}}}")));
        var pipeline = PipelineReader.Read(
            $$"""
            { "name": "traffic", "sloMs": 250, "input": {"name": "image", "datatype": "UINT8", "shape": [-1, -1, 3]},
              "tasks": [ {"name": "detect", "variants": [{{Variants(Detectors.Select(d => d.Name))}}]},
                         {"name": "cars", "variants": [{{Variants(Enumerable.Range(0, 7).Select(i => $"efficientnet-b{i}"))}}]} ],
              "edges": [ {"from": "detect", "to": "cars"} ] }
            """,
            "loki");
        var rows = Rows(folder, "simulator_runtimes.csv")
            .Select(r => (Variant: r["Model"], Batch: int.Parse(r["batchsize"], CultureInfo.InvariantCulture), Ms: Number(r["50th_pct"])))
            .Where(r => int.IsPow2(r.Batch)).GroupBy(r => (r.Variant, r.Batch)).Select(g => g.First());
        problem = new PlanningProblem
        {
            Pipelines = [new PipelineDemand(pipeline, qps, new FanOut([[.. Detectors.Select(d => d.Cars)]]))],
            Devices = [new DeviceType("server", Slots)],
            Profile = new LatencyProfile(rows.Select(r => new ProfileRow(r.Variant, "server", r.Batch, r.Ms, r.Ms, r.Ms, r.Ms))),
            Options = new PlanningOptions { RelativeGap = 1e-3 },
        };
        return true;
    }

    private static IEnumerable<Dictionary<string, string>> Rows(string folder, string file)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, file));
        var header = lines[0].Split(',');
        return lines.Skip(1).Where(l => l.Length > 0).Select(l => header.Zip(l.Split(',')).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
