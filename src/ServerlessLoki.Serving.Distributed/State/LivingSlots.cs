using System.Collections.Immutable;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>How many slots of each device type live and can run something.</summary>
internal static class LivingSlots
{
    /// <summary>A slot that fails in so many reports one after the other is down. In one it may be a batch that threw: it is restored at
    /// once, and not worth another plan.</summary>
    private const int DownReports = 3;

    /// <summary>Workers are those that hold their registration; their slots are what they last said, without those that are down.</summary>
    public static ImmutableSortedDictionary<string, int> Of(IReadOnlyList<PlaceLease> registrations, IReadOnlyList<StoredSample> reports)
    {
        var last = reports.GroupBy(r => r.Source, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.TakeLast(DownReports).Select(r => StateJson.Read<WorkerReport>(r.Json)).ToList(), StringComparer.Ordinal);
        return registrations.Select(r => last.GetValueOrDefault(r.Owner)).Where(w => w?[^1] is not null).Select(w => (Report: w![^1]!, Up: w[^1]!.Slots - Down(w)))
            .GroupBy(w => w.Report.Device, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(g => g.Key, g => g.Sum(w => w.Up), StringComparer.Ordinal);
    }

    private static int Down(List<WorkerReport?> last)
    {
        if (last.Count < DownReports)
            return 0;
        var down = last.Select(r => (r?.SlotStates ?? []).Where(s => s.State == "failed").Select(s => s.Id))
            .Aggregate((all, failed) => all.Intersect(failed, StringComparer.Ordinal));
        return Math.Min(last[^1]!.Slots, down.Count());
    }
}
