using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Tests.TestData;

/// <summary>The pipelines of IPA's evaluation on the completed profile, read from the public data.</summary>
internal static class IpaInstance
{
    /// <param name="pipeline">video or audio-qa.</param>
    /// <param name="slaSeconds">L.</param>
    /// <param name="demandQps">λ.</param>
    public static PlanningProblem Problem(string pipeline, double slaSeconds, double demandQps)
    {
        var rows = ResearchData.Rows("ipa/profile_base_allocation.csv").Where(r => r["pipeline"] == pipeline).ToList();
        var accuracy = ResearchData.Rows("ipa/accuracies.csv").Where(r => r["pipeline"] == pipeline && r["variant_list"] == "results")
            .ToDictionary(r => r["variant"], r => Number(r["accuracy_percent"]) / 100, StringComparer.Ordinal);
        var stages = rows.Select(r => r["stage"]).Distinct(StringComparer.Ordinal).ToArray();
        var tasks = stages.Select(s => $$"""{"name": "{{s}}", "variants": [{{string.Join(", ", rows.Where(r => r["stage"] == s).Select(r => r["variant"]).Distinct(StringComparer.Ordinal)
            .Select(v => $$"""{"name": "{{v}}", "model": "m.onnx", "accuracy": {{accuracy[v]}}}"""))}}]}""");
        var graph = TestPipelines.Read(
            $$"""
            { "name": "{{pipeline}}", "sloMs": {{slaSeconds * 1000}}, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
              "tasks": [{{string.Join(", ", tasks)}}], "edges": [{"from": "{{stages[0]}}", "to": "{{stages[1]}}"}] }
            """);

        // IPA's objective: margins of the published runs, latency +100 %, throughput −50 % for audio-qa.
        var margin = pipeline == "audio-qa" ? 2 : 1;
        return new PlanningProblem
        {
            Pipelines = [new PipelineDemand(graph, demandQps, FanOut.One(graph))],
            Devices = [new DeviceType("cpu", 100_000)],
            Profile = new LatencyProfile(rows.Select(r => Row(r, margin))),
            Cores = new CoreProfile
            {
                CoresPerReplica = rows.GroupBy(r => r["variant"], StringComparer.Ordinal)
                    .ToImmutableDictionary(g => g.Key, g => int.Parse(g.First()["cores"], CultureInfo.InvariantCulture), StringComparer.Ordinal),
            },
        };
    }

    // The policy takes throughput as batch / p50 and latency as p99.
    private static ProfileRow Row(Dictionary<string, string> row, double margin)
    {
        var batch = int.Parse(row["batch"], CultureInfo.InvariantCulture);
        var (medianMs, p99Ms) = (1000 * batch / Number(row["throughput_rps"]) * margin, 1000 * Number(row["latency_p99_s"]) * margin);
        return new ProfileRow(row["variant"], "cpu", batch, medianMs, p99Ms, p99Ms, p99Ms);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
