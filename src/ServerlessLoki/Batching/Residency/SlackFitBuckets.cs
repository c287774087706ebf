using System.Collections.Immutable;

namespace ServerlessLoki.Batching.Residency;

/// <summary>
/// SlackFit's offline part (SuperServe, §4): latency is cut into buckets of equal width, and each keeps the pair with the largest batch. Short
/// buckets hold small variants and drain a queue; long ones hold accurate variants.
/// </summary>
internal static class SlackFitBuckets
{
    /// <summary>One pair for each bucket, shortest bucket first; null where no pair falls into it. Among equal batches the most accurate is kept.</summary>
    /// <param name="pairs">At least one, shortest first.</param>
    /// <param name="buckets">How many; at least 1. They reach from the shortest pair to the longest.</param>
    public static ImmutableArray<ResidentPair?> Of(ImmutableArray<ResidentPair> pairs, int buckets)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buckets, 1);
        var (shortestUs, longestUs) = (pairs[0].LatencyUs, pairs[^1].LatencyUs);
        var widthUs = (longestUs - shortestUs) / buckets;
        var kept = new ResidentPair?[buckets];
        foreach (var pair in pairs)
        {
            var bucket = widthUs > 0 ? Math.Min(buckets - 1, (int)((pair.LatencyUs - shortestUs) / widthUs)) : 0;
            if (kept[bucket] is not { } best || pair.Batch > best.Batch || (pair.Batch == best.Batch && pair.Accuracy > best.Accuracy))
                kept[bucket] = pair;
        }

        return [.. kept];
    }
}
