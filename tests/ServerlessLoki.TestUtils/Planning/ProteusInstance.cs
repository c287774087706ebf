using System.Globalization;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Tests.TestData;

/// <summary>The cluster, families and profiles of Proteus' applications and cluster and resource allocation on its public profiles, read from the public data.</summary>
internal static class ProteusInstance
{
    // Proteus' cluster: the VPUs copy the CPU profile, so 20 of them.
    private static readonly DeviceType[] Devices =
        [new("CPU", 20), new("GPU_PASCAL", 10), new("GPU_AMPERE", 10)];

    // Proteus' resource allocation on its public profiles, totals of the trace.
    private static readonly Dictionary<string, int> Arrivals = new(StringComparer.Ordinal)
    {
        ["bert"] = 9919, ["densenet"] = 6672, ["efficientnet"] = 19607, ["gpt2"] = 4345, ["mobilenet"] = 40105,
        ["resnest"] = 13659, ["resnet"] = 5543, ["t5"] = 5011, ["yolo"] = 8000,
    };

    public static PlanningProblem Problem(double totalQps) => new()
    {
        Pipelines = [.. Families().Select(f => Family(f.Key, f, totalQps * Arrivals[f.Key] / Arrivals.Values.Sum()))],
        Devices = [.. Devices],
        Profile = new LatencyProfile(ResearchData.Rows("proteus/aggregate_profiled.csv").Select(Row)),
        Options = new PlanningOptions { MaxBatch = 8 },
    };

    /// <summary>A variant's name as pipeline files allow it.</summary>
    public static string Name(string variant) => variant.Replace('/', '_');

    private static IEnumerable<IGrouping<string, Dictionary<string, string>>> Families() =>
        ResearchData.Rows("proteus/model_variants.csv").Where(r => r["in_full_set"] == "yes").GroupBy(r => r["family"], StringComparer.Ordinal);

    private static PipelineDemand Family(string name, IEnumerable<Dictionary<string, string>> rows, double demandQps)
    {
        var variants = string.Join(", ", rows.Select(r =>
            $$"""{"name": "{{Name(r["variant"])}}", "model": "m.onnx", "accuracy": {{Number(r["normalized_accuracy_pct"]) / 100}}}"""));
        var pipeline = TestPipelines.Read(
            $$"""
            { "name": "{{name}}", "sloMs": 300, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
              "tasks": [ {"name": "{{name}}", "variants": [{{variants}}]} ] }
            """);
        return new PipelineDemand(pipeline, demandQps, FanOut.One(pipeline));
    }

    private static ProfileRow Row(Dictionary<string, string> row)
    {
        var ms = Number(row["50th_pct"]);
        var device = row["Accel"].Replace("onnxruntime_", "", StringComparison.Ordinal).ToUpperInvariant();
        return new ProfileRow(Name(row["Model"]), device, int.Parse(row["batchsize"], CultureInfo.InvariantCulture), ms, ms, ms, ms);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
