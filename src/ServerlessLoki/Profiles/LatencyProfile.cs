using System.Collections.Frozen;
using System.Collections.Immutable;

namespace ServerlessLoki.Profiles;

/// <summary>All measured latencies: (variant, device) → latency by batch size. An immutable snapshot.</summary>
public sealed class LatencyProfile
{
    private readonly FrozenDictionary<(string Variant, string Device), BatchLatency> _latency;

    /// <summary>Takes measured rows; of two rows for the same (variant, device, batch) the later wins.</summary>
    /// <exception cref="ArgumentException">A row has a batch below 1 or a latency that is not above 0.</exception>
    public LatencyProfile(IEnumerable<ProfileRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Rows = [.. rows];
        _latency = Rows
            .GroupBy(r => (r.Variant, r.Device))
            .ToFrozenDictionary(g => g.Key, g => FromRows(g));
    }

    /// <summary>The rows as given.</summary>
    public ImmutableArray<ProfileRow> Rows { get; }

    /// <summary>Latency of a variant on a device; null where it was not profiled, which means "cannot run there".</summary>
    public BatchLatency? Find(string variant, string device) => _latency.GetValueOrDefault((variant, device));

    private static BatchLatency FromRows(IEnumerable<ProfileRow> rows)
    {
        var byBatch = new SortedDictionary<int, double>();
        foreach (var row in rows)
            byBatch[row.Batch] = row.P50Ms * 1000;
        return new BatchLatency([.. byBatch.Keys], [.. byBatch.Values]);
    }
}
