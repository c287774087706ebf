using System.Collections.Frozen;
using System.Collections.Immutable;

namespace ServerlessLoki.Profiles;

/// <summary>Measured latencies: (variant, device) → latency by batch size. An immutable snapshot.</summary>
public sealed class LatencyProfile
{
    private readonly FrozenDictionary<(string Variant, string Device), BatchLatency> _latency;

    // Few policies look at tails; a host that rescales its profile every second must not pay for them.
    private readonly Lazy<FrozenDictionary<(string Variant, string Device), BatchLatency>> _tail;

    /// <summary>Takes measured rows; of two rows for the same (variant, device, batch) the later wins.</summary>
    /// <exception cref="ArgumentException">A row has a batch below 1 or a latency that is not above 0.</exception>
    public LatencyProfile(IEnumerable<ProfileRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Rows = [.. rows];
        _latency = ByVariantAndDevice(r => r.P50Ms);
        _tail = new(() => ByVariantAndDevice(r => r.P99Ms));
    }

    /// <summary>Measured rows, in the order given.</summary>
    public ImmutableArray<ProfileRow> Rows { get; }

    /// <summary>Finds the latency of a variant on a device; null where it was not profiled, which means "cannot run there".</summary>
    public BatchLatency? Find(string variant, string device) => _latency.GetValueOrDefault((variant, device));

    /// <summary>Finds the 99th percentiles of a variant's batch times on a device; null where it was not profiled.</summary>
    public BatchLatency? FindP99(string variant, string device) => _tail.Value.GetValueOrDefault((variant, device));

    /// <summary>Returns the profile for slower or faster hardware, by slow-down factors measured online.</summary>
    /// <param name="factor">(variant, device) → factor on every latency; above 0, 1 = as profiled.</param>
    /// <exception cref="ArgumentException">A factor is not above 0.</exception>
    public LatencyProfile Scale(Func<string, string, double> factor)
    {
        ArgumentNullException.ThrowIfNull(factor);
        return new LatencyProfile(Rows.Select(row =>
        {
            var f = factor(row.Variant, row.Device);
            if (!(f > 0) || !double.IsFinite(f))
                throw new ArgumentException($"Factor {f} for {row.Variant} on {row.Device}: must be above 0.", nameof(factor));
            return row with { P50Ms = row.P50Ms * f, P90Ms = row.P90Ms * f, P95Ms = row.P95Ms * f, P99Ms = row.P99Ms * f };
        }));
    }

    /// <summary>Returns the profile without batches that are too large for their variant.</summary>
    /// <param name="most">Variant → most rows of a batch, at least 1; null = no limit is known.</param>
    public LatencyProfile Within(Func<string, int?> most)
    {
        ArgumentNullException.ThrowIfNull(most);
        if (!Rows.Any(IsBeyond))
            return this;
        // Without any row the variant could not run at all: its smallest batch then stands for the largest that it takes.
        return new LatencyProfile(Rows.GroupBy(r => (r.Variant, r.Device)).SelectMany(g =>
            g.All(IsBeyond) ? [g.MinBy(r => r.Batch) with { Batch = most(g.Key.Variant)!.Value }] : g.Where(r => !IsBeyond(r))));

        bool IsBeyond(ProfileRow row) => row.Batch > most(row.Variant);
    }

    private FrozenDictionary<(string Variant, string Device), BatchLatency> ByVariantAndDevice(Func<ProfileRow, double> ms) => Rows
        .GroupBy(r => (r.Variant, r.Device))
        .ToFrozenDictionary(g => g.Key, g => FromRows(g, ms));

    private static BatchLatency FromRows(IEnumerable<ProfileRow> rows, Func<ProfileRow, double> ms)
    {
        var byBatch = new SortedDictionary<int, double>();
        foreach (var row in rows)
            byBatch[row.Batch] = ms(row) * 1000;
        return new BatchLatency([.. byBatch.Keys], [.. byBatch.Values]);
    }
}
