using System.Text.Json.Nodes;
using ServerlessLoki.Samples;

namespace ServerlessLoki.Integration.Tests;

/// <summary>The sample with a wide SLO: what hangs still shows as late or as 504, and a busy machine does not.</summary>
internal static class PatientPipeline
{
    public const double SloMs = 20_000;

    /// <summary>Writes the pipeline file and returns its path; the models stay where they are.</summary>
    public static string Write(string folder)
    {
        var sample = JsonNode.Parse(File.ReadAllText(TrafficSample.PipelinePath))!;
        sample["sloMs"] = SloMs;
        foreach (var variant in sample["tasks"]!.AsArray().SelectMany(t => t!["variants"]!.AsArray()))
            variant!["model"] = Path.Combine(TrafficSample.Directory, (string)variant["model"]!);
        var path = Path.Combine(folder, "pipeline.json");
        File.WriteAllText(path, sample.ToJsonString());
        return path;
    }
}
