using System.Collections.Immutable;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Remote;

/// <summary>How many slots of each device type live.</summary>
internal static class LivingSlots
{
    /// <summary>Workers are those that hold their registration; their slots are what they last said.</summary>
    public static ImmutableSortedDictionary<string, int> Of(IReadOnlyList<PlaceLease> registrations, IReadOnlyList<StoredSample> reports)
    {
        var last = reports.GroupBy(r => r.Source, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => RemoteJson.Read<WorkerReport>(g.Last().Json), StringComparer.Ordinal);
        return registrations.Select(r => last.GetValueOrDefault(r.Owner)).OfType<WorkerReport>()
            .GroupBy(w => w.Device, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(g => g.Key, g => g.Sum(w => w.Slots), StringComparer.Ordinal);
    }
}
