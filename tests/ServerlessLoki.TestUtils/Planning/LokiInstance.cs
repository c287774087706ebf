using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Tests.TestData;

/// <summary>The two-stage instance of Loki's traffic analysis on its public profiles, read from the public data.</summary>
internal static class LokiInstance
{
    // Loki's multiplicative factors, the rounded planner constants; yolov5s and efficientnet-b7 are not planned.
    private static readonly (string Name, double Cars)[] Detectors =
        [("yolov5n", 1.9845), ("yolov5m", 13.7693), ("yolov5l", 17.4605), ("yolov5x", 17.8170)];

    private static readonly int[] Batches = [1, 2, 4, 8, 16, 32, 64];

    public static PlanningProblem Problem(double demandQps, bool corrected = false, int slots = 18)
    {
        var accuracy = ResearchData.Rows("loki/variant_accuracy.csv")
            .ToDictionary(r => r["variant"], r => double.Parse(r[corrected ? "accuracy_pct_suggested" : "accuracy_pct_as_shipped"]) / 100);
        var classifiers = Enumerable.Range(0, 7).Select(i => $"efficientnet-b{i}").ToArray();
        var pipeline = TestPipelines.Read(
            $$"""
            { "name": "traffic", "sloMs": 250, "input": {"name": "image", "datatype": "UINT8", "shape": [-1, -1, 3]},
              "tasks": [ {"name": "object_detection", "variants": [{{Variants(Detectors.Select(d => d.Name), accuracy)}}]},
                         {"name": "car_classification", "variants": [{{Variants(classifiers, accuracy)}}]} ],
              "edges": [ {"from": "object_detection", "to": "car_classification"} ] }
            """);
        return new PlanningProblem
        {
            Pipelines = [new PipelineDemand(pipeline, demandQps, new FanOut([[.. Detectors.Select(d => d.Cars)]]))],
            Devices = [new DeviceType("server", slots)],
            Profile = Profile(),
        };
    }

    private static LatencyProfile Profile() => new(ResearchData.Rows("loki/simulator_runtimes.csv")
        .Where(r => Batches.Contains(int.Parse(r["batchsize"])))
        .GroupBy(r => (r["Model"], int.Parse(r["batchsize"])))
        .Select(g => g.First())
        .Select(r => Row(r["Model"], int.Parse(r["batchsize"]), double.Parse(r["50th_pct"]))));

    private static ProfileRow Row(string variant, int batch, double ms) => new(variant, "server", batch, ms, ms, ms, ms);

    private static string Variants(IEnumerable<string> names, Dictionary<string, double> accuracy) => string.Join(
        ", ", names.Select(n => $$"""{"name": "{{n}}", "model": "{{n}}.onnx", "accuracy": {{accuracy[n]}}}"""));
}
