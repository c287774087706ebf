using ServerlessLoki.Profiles;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Inference;
using ServerlessLoki.Serving.Inference.Profiling;

namespace ServerlessLoki.Worker;

/// <summary>Latencies on this worker's device: from the pipelines' <c>profile.csv</c>; what they lack is measured.</summary>
internal static class DeviceProfile
{
    /// <summary>Beside each pipeline file.</summary>
    public const string FileName = "profile.csv";

    /// <exception cref="ProfileFormatException">A file has faults.</exception>
    public static async Task<IReadOnlyList<ProfileRow>> ReadAsync(IReadOnlyList<PipelineSource> pipelines, CancellationToken cancellationToken)
    {
        var rows = new List<ProfileRow>();
        foreach (var file in pipelines.Select(static p => Path.Combine(p.Directory, FileName)).Where(File.Exists))
            rows.AddRange(ProfileCsv.Read(await File.ReadAllTextAsync(file, cancellationToken), file).Rows);
        return rows;
    }

    /// <summary>Variants that have no latency on the device.</summary>
    public static IReadOnlyList<string> Missing(IReadOnlyList<PipelineSource> pipelines, IReadOnlyList<ProfileRow> rows, string device)
    {
        var known = rows.Where(r => r.Device == device).Select(static r => r.Variant).ToHashSet(StringComparer.Ordinal);
        return [.. pipelines.SelectMany(static p => p.Pipeline.Tasks).SelectMany(static t => t.Variants).Select(static v => v.Name).Where(v => !known.Contains(v))];
    }

    /// <summary>Measures variants on this machine; takes about a second per variant and batch size.</summary>
    public static IReadOnlyList<ProfileRow> Measure(
        IReadOnlyList<PipelineSource> pipelines, IReadOnlyCollection<string> variants, string device, ModelOptions options, TimeProvider time,
        CancellationToken cancellationToken) =>
        QuickProfile.Measure(pipelines, device, options, time, variants, cancellationToken).Rows;
}
