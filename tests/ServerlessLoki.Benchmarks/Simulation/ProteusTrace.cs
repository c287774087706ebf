using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Benchmarks.Simulation;

/// <summary>Proteus' cluster and trace (Proteus, applications and cluster and trace of the evaluation), read from the public data where it lies; never part of the project.</summary>
internal static class ProteusTrace
{
    // Demand of the plan: the trace's busiest ten seconds, split by the totals of Proteus' resource allocation on its public profiles.
    private const double PeakQps = 1065;
    private static readonly string[] Families = ["bert", "densenet", "efficientnet", "gpt2", "mobilenet", "resnest", "resnet", "t5", "yolo"];
    private static readonly (string Suffix, string Device, int Slots)[] Kinds = [("cpu", "CPU", 20), ("ampere", "AMPERE", 10), ("pascal", "PASCAL", 10)];

    public static bool TryRead(out PlanningProblem problem, out IArrivals arrivals)
    {
        var folder = new[] { Environment.GetEnvironmentVariable("LOKI_DATA"), "../shared/data" }
            .OfType<string>().Select(f => Path.Combine(f, "proteus")).FirstOrDefault(Directory.Exists);
        (problem, arrivals) = (null!, null!);
        if (folder is null)
            return false;
        var traces = Families.Select((f, i) => Times(folder, f).Select(t => new Arrival(t, i)).ToArray()).ToArray();
        arrivals = new RecordedArrivals([.. traces.SelectMany(t => t).OrderBy(a => a.AtUs)]);
        var total = traces.Sum(t => t.Length);
        var rows = Profile(folder).ToImmutableArray();
        var accuracy = File.ReadLines(Path.Combine(folder, "model_variants.csv")).Skip(1).Select(l => l.Split(','))
            .Select(c => (Family: c[1], Variant: Name(c[2]), Accuracy: double.Parse(c[3], CultureInfo.InvariantCulture) / 100)).ToList();
        problem = new PlanningProblem
        {
            Pipelines = [.. Families.Select((f, i) => new PipelineDemand(
                Pipeline(f, accuracy.Where(a => a.Family == f && rows.Any(r => r.Variant == a.Variant)).Select(a => (a.Variant, a.Accuracy))),
                PeakQps * traces[i].Length / total, new FanOut([])))],
            Devices = [.. Kinds.Select(k => new DeviceType(k.Device, k.Slots))],
            Profile = new LatencyProfile(rows),
            Options = new PlanningOptions { FillLeftover = true },
        };
        return true;
    }

    private static IEnumerable<long> Times(string folder, string family) =>
        File.ReadLines(Path.Combine(folder, "trace_medium_normal_load_300", family + ".txt"))
            .Where(l => l.Length > 0).Select(l => 1000 * long.Parse(l.AsSpan(0, l.IndexOf(',', StringComparison.Ordinal)), CultureInfo.InvariantCulture));

    private static IEnumerable<ProfileRow> Profile(string folder)
    {
        foreach (var cells in File.ReadLines(Path.Combine(folder, "aggregate_profiled.csv")).Skip(1).Select(l => l.Split(',')))
        {
            var kind = Array.FindIndex(Kinds, k => cells[1].EndsWith(k.Suffix, StringComparison.Ordinal));
            if (kind < 0 || !int.TryParse(cells[3], out var batch) || batch > 8)
                continue;
            var ms = double.Parse(cells[4], CultureInfo.InvariantCulture);
            yield return new ProfileRow(Name(cells[0]), Kinds[kind].Device, batch, ms, ms, ms, ms);
        }
    }

    // Some names are paths, which a pipeline file refuses.
    private static string Name(string variant) => variant.Replace('/', '-');

    private static Pipeline Pipeline(string family, IEnumerable<(string Variant, double Accuracy)> variants) => PipelineReader.Read(
        $$"""
        { "name": "{{family}}", "sloMs": 300, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
          "tasks": [ {"name": "{{family}}", "variants": [{{string.Join(", ", variants.Select(v => string.Create(
              CultureInfo.InvariantCulture, $"{{\"name\": \"{v.Variant}\", \"model\": \"m.onnx\", \"accuracy\": {v.Accuracy}}}")))}}]} ] }
        """,
        family);
}
