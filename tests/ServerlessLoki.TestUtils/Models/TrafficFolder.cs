using System.Globalization;
using System.Text.Json.Nodes;
using ServerlessLoki.Samples;

namespace ServerlessLoki.Azure.EndToEnd.Tests.Setup;

/// <summary>The traffic sample as a folder of models, with a wide SLO and a slow profile: a busy machine shall not decide what tests
/// see, and few queries per second shall be a load.</summary>
internal static class TrafficFolder
{
    public const double SloMs = 20_000;

    /// <summary>Profiled over real latency. A plan believes at most that the machine is twice as fast as its profile.</summary>
    private const double Slow = 6;

    /// <summary>Writes <c>traffic/pipeline.json</c> and <c>traffic/profile.csv</c>; the models stay where they are.</summary>
    public static void Write(string folder)
    {
        var target = Directory.CreateDirectory(Path.Combine(folder, "traffic")).FullName;
        var sample = JsonNode.Parse(File.ReadAllText(TrafficSample.PipelinePath))!;
        sample["sloMs"] = SloMs;
        foreach (var variant in sample["tasks"]!.AsArray().SelectMany(t => t!["variants"]!.AsArray()))
            variant!["model"] = Path.Combine(TrafficSample.Directory, (string)variant["model"]!);
        File.WriteAllText(PipelineOf(folder), sample.ToJsonString());
        var rows = File.ReadAllLines(Path.Combine(TrafficSample.Directory, "profile.csv"));
        File.WriteAllLines(ProfileOf(folder), rows.Take(1).Concat(rows.Skip(1).Where(r => r.Length > 0).Select(Slower)));
    }

    public static string PipelineOf(string folder) => Path.Combine(folder, "traffic", "pipeline.json");

    public static string ProfileOf(string folder) => Path.Combine(folder, "traffic", "profile.csv");

    private static string Slower(string row)
    {
        var cells = row.Split(',');
        return string.Join(',', cells.Select((c, i) => i < 3 ? c : (Slow * double.Parse(c, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture)));
    }
}
