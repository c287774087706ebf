using System.Collections.Immutable;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Benchmarks.Fidelity;

/// <summary>What the host has counted up to a moment: how long its batches and queries took.</summary>
internal sealed class HostTimes
{
    private const string Device = "cpu";
    private readonly ImmutableSortedDictionary<string, ImmutableArray<BatchSizeStats>> _batches;
    private readonly (long Count, long SumUs) _queries;

    private readonly (long Count, long SumUs) _rootWaits;

    private HostTimes(ImmutableSortedDictionary<string, ImmutableArray<BatchSizeStats>> batches, (long, long) queries, (long, long) rootWaits) =>
        (_batches, _queries, _rootWaits) = (batches, queries, rootWaits);

    public static HostTimes Now(IServingEngine engine)
    {
        var answered = engine.Metrics.Pipelines[0].RequestUs;
        return new HostTimes(
            engine.Metrics.Variants[0].SelectMany(t => t)
                .ToImmutableSortedDictionary(v => v.Variant, v => v.BatchStats, StringComparer.Ordinal),
            (answered.Count, answered.Sum),
            (engine.Metrics.Variants[0][0].Sum(v => v.QueueUs.Count), engine.Metrics.Variants[0][0].Sum(v => v.QueueUs.Sum)));
    }

    /// <summary>Mean time from a query's arrival to the start of its root batch since then, milliseconds.</summary>
    public double MeanRootWaitMs(HostTimes since) =>
        (_rootWaits.SumUs - since._rootWaits.SumUs) / 1000.0 / Math.Max(1, _rootWaits.Count - since._rootWaits.Count);

    /// <summary>Mean latency inside the host of the queries answered since then, milliseconds.</summary>
    public double MeanQueryMs(HostTimes since) =>
        (_queries.SumUs - since._queries.SumUs) / 1000.0 / Math.Max(1, _queries.Count - since._queries.Count);

    /// <summary>Time that batches took since then, milliseconds.</summary>
    public double BatchMs(HostTimes since) => _batches.Keys.SelectMany(v => Since(v, since)).Sum(b => b.InputUs + b.ComputeUs + b.OutputUs) / 1000.0;

    /// <summary>Mean rows per batch since then, by variant that ran.</summary>
    public IEnumerable<(string Variant, double Rows)> RowsPerBatch(HostTimes since) =>
        from variant in _batches.Keys
        let batches = Since(variant, since)
        where batches.Count > 0
        select (variant, batches.Sum(b => (double)b.Rows * b.Count) / batches.Sum(b => b.Count));

    /// <summary>Real over expected batch times since then, by variant that ran.</summary>
    public IEnumerable<(string Variant, double Ratio, long Batches)> Over(HostTimes since, LatencyProfile expected)
    {
        foreach (var variant in _batches.Keys)
        {
            var batches = Since(variant, since);
            if (batches.Count == 0 || expected.Find(variant, Device) is not { } latency)
                continue;
            var realUs = batches.Sum(b => (double)b.InputUs + b.ComputeUs + b.OutputUs);
            yield return (variant, realUs / batches.Sum(b => b.Count * latency.LatencyUs(b.Rows)), batches.Sum(b => b.Count));
        }
    }

    private List<BatchSizeStats> Since(string variant, HostTimes since)
    {
        var before = since._batches[variant].ToDictionary(b => b.Rows);
        return [.. _batches[variant]
            .Select(b => before.TryGetValue(b.Rows, out var old)
                ? new BatchSizeStats(b.Rows, b.Count - old.Count, b.InputUs - old.InputUs, b.ComputeUs - old.ComputeUs, b.OutputUs - old.OutputUs)
                : b)
            .Where(b => b.Count > 0)];
    }
}
