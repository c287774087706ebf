using System.Security.Cryptography;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Models.Profiling;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>Latencies on this worker's device: those of the pipelines' <c>profile.csv</c>, then those published by other workers of the
/// device type, then this worker's own measurements, which it publishes.</summary>
public static class DeviceProfile
{
    /// <summary>Name of the profile in each pipeline's folder.</summary>
    public const string FileName = "profile.csv";

    /// <summary>Reads the profiles in the pipelines' folders.</summary>
    /// <exception cref="ProfileFormatException">A file has faults.</exception>
    public static async Task<IReadOnlyList<ProfileRow>> ReadAsync(IReadOnlyList<PipelineSource> pipelines, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pipelines);
        var rows = new List<ProfileRow>();
        foreach (var file in pipelines.Select(static p => Path.Combine(p.Directory, FileName)).Where(File.Exists))
            rows.AddRange(ProfileCsv.Read(await File.ReadAllTextAsync(file, cancellationToken), file).Rows);
        return rows;
    }

    /// <summary>Lists the variants without latency on the device.</summary>
    public static IReadOnlyList<string> Missing(IReadOnlyList<PipelineSource> pipelines, IReadOnlyList<ProfileRow> rows, string device)
    {
        ArgumentNullException.ThrowIfNull(pipelines);
        ArgumentNullException.ThrowIfNull(rows);
        var known = rows.Where(r => r.Device == device).Select(static r => r.Variant).ToHashSet(StringComparer.Ordinal);
        return [.. pipelines.SelectMany(static p => p.Pipeline.Tasks).SelectMany(static t => t.Variants).Select(static v => v.Name).Where(v => !known.Contains(v))];
    }

    /// <summary>Completes the latencies of those variants: from published measurements of the same model files, else by measuring and
    /// publishing.</summary>
    /// <param name="state">Store of published measurements.</param>
    /// <param name="pipelines">Pipelines of the variants.</param>
    /// <param name="variants">Variants without latencies on the device.</param>
    /// <param name="device">Device type.</param>
    /// <param name="options">Options for loading models.</param>
    /// <param name="time">Clock.</param>
    /// <param name="measuring">Receives the variants that are about to be measured.</param>
    /// <param name="cancellationToken">Stops between two runs.</param>
    public static async Task<IReadOnlyList<ProfileRow>> CompleteAsync(
        IStateStore state, IReadOnlyList<PipelineSource> pipelines, IReadOnlyCollection<string> variants, string device, ModelOptions options, TimeProvider time,
        Action<IEnumerable<string>> measuring, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pipelines);
        ArgumentNullException.ThrowIfNull(variants);
        ArgumentNullException.ThrowIfNull(measuring);
        var models = await ModelsAsync(pipelines, variants, cancellationToken);
        var known = (await MeasuredProfiles.ReadAsync(state, device, cancellationToken))
            .Where(m => !m.IsFallback && models.TryGetValue(m.Variant, out var model) && model.Digest == m.Model).ToList();
        foreach (var found in known)
            models.Remove(found.Variant);
        if (models.Count > 0)
        {
            measuring(models.Keys.Order(StringComparer.Ordinal));
            var measured = await Task.Run(() => Measure(pipelines, models, device, options, time, cancellationToken), cancellationToken);
            await MeasuredProfiles.PublishAsync(state, device, measured, cancellationToken);
            known.AddRange(measured);
        }

        return [.. known.SelectMany(static m => m.Rows)];
    }

    private static async Task<Dictionary<string, (string Path, string Digest)>> ModelsAsync(
        IReadOnlyList<PipelineSource> pipelines, IReadOnlyCollection<string> variants, CancellationToken cancellationToken)
    {
        var models = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        foreach (var source in pipelines)
        {
            foreach (var variant in source.Pipeline.Tasks.SelectMany(static t => t.Variants).Where(v => variants.Contains(v.Name, StringComparer.Ordinal)))
            {
                await using var file = File.OpenRead(source.ModelPath(variant));
                models[variant.Name] = (source.ModelPath(variant), Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken)));
            }
        }

        return models;
    }

    private static List<MeasuredVariant> Measure(
        IReadOnlyList<PipelineSource> pipelines, Dictionary<string, (string Path, string Digest)> models, string device, ModelOptions options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var rows = QuickProfile.Measure(pipelines, device, options, time, models.Keys, cancellationToken).Rows;
        // The device is there for all of them or for none.
        using var any = OnnxModel.Load(models.First().Key, models.First().Value.Path, options with { Optimize = false });
        return [.. models.Select(m => new MeasuredVariant(m.Key, m.Value.Digest, any.ProviderFallback is not null, [.. rows.Where(r => r.Variant == m.Key)]))];
    }
}
