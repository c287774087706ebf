using System.Collections.Immutable;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Usable slots of live workers, by device type.</summary>
internal static class LivingSlots
{
    /// <summary>Number of successive reports of a failed slot after which it counts as down. A single report may be a batch that threw: the
    /// slot is restored at once, without another plan.</summary>
    private const int DownReports = 3;

    /// <summary>Counts the usable slots. Workers are alive while they hold their registration; their slots are those of their last report,
    /// without slots that are down.</summary>
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
