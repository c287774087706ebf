using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Latencies that workers measured because the pipelines' own profiles lack them: document <c>profiles/DEVICE</c>, for the
/// planner, for ingresses, and for the next worker of the same device type.</summary>
public static class MeasuredProfiles
{
    /// <summary>Returns the name of a device's document.</summary>
    public static string Name(string device) => $"profiles/{device}";

    /// <summary>Reads the measurements of a device; empty where there are none.</summary>
    public static async ValueTask<ImmutableArray<MeasuredVariant>> ReadAsync(IStateStore state, string device, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Parse(await state.FindDocumentAsync(Name(device), cancellationToken));
    }

    /// <summary>Adds a worker's measurements, which replace those of the same variants; other workers may publish at the same
    /// time.</summary>
    public static async ValueTask PublishAsync(IStateStore state, string device, IReadOnlyCollection<MeasuredVariant> measured, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(measured);
        while (true)
        {
            var stored = await state.ReadDocumentAsync(Name(device), cancellationToken);
            var known = Parse(stored?.Json).ToDictionary(v => v.Variant, StringComparer.Ordinal);
            foreach (var variant in measured)
            {
                // One worker without its device does not make the kind slow.
                if (!variant.IsFallback || !known.TryGetValue(variant.Variant, out var before) || before.IsFallback || before.Model != variant.Model)
                    known[variant.Variant] = variant;
            }

            var json = StateJson.Write(known.Values.OrderBy(v => v.Variant, StringComparer.Ordinal));
            if (json == stored?.Json || await state.ReplaceDocumentAsync(Name(device), json, stored?.Version, cancellationToken) is not null)
                return;
        }
    }

    /// <summary>Merges a profile with measurements of variants that it does not have on that device.</summary>
    internal static LatencyProfile Merge(LatencyProfile own, IEnumerable<ProfileRow> measured) =>
        new(own.Rows.Concat(measured.Where(r => own.Find(r.Variant, r.Device) is null)));

    /// <summary>Tests whether every task has a variant that is profiled on some device.</summary>
    internal static bool Cover(LatencyProfile profile, ImmutableArray<DeviceType> devices, Pipeline pipeline) =>
        pipeline.Tasks.All(t => t.Variants.Any(v => devices.Any(d => profile.Find(v.Name, d.Name) is not null)));

    /// <summary>Reads a document; rows that no measurement gives are left out.</summary>
    internal static ImmutableArray<MeasuredVariant> Parse(string? json) => json is null
        ? []
        : [.. (StateJson.Read<MeasuredVariant[]>(json) ?? []).Where(v => !v.Rows.IsDefaultOrEmpty && v.Rows.All(r => r is { Batch: >= 1, P50Ms: > 0, P99Ms: > 0 }))];
}
