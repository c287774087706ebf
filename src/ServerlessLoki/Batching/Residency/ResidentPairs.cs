using System.Collections.Immutable;

namespace ServerlessLoki.Batching.Residency;

/// <summary>The (variant, batch) pairs that are worth running.</summary>
internal static class ResidentPairs
{
    /// <summary>Pairs on the Pareto frontier of latency, batch and accuracy, shortest first, of equal ones the first variant's.</summary>
    /// <param name="variants">The variants that the slot holds; at least one.</param>
    /// <param name="maxBatch">Largest batch; at least 1.</param>
    /// <param name="objectiveUs">Longer batches answer nothing in time and are left out, but for the shortest.</param>
    /// <remarks>The paper's buckets reach to the longest batch of all. With an objective far below that all useful pairs would share one bucket.</remarks>
    public static ImmutableArray<ResidentPair> Of(IReadOnlyList<ResidentVariant> variants, int maxBatch, double objectiveUs)
    {
        ArgumentOutOfRangeException.ThrowIfZero(variants.Count, nameof(variants));
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        var all = new List<ResidentPair>();
        for (var v = 0; v < variants.Count; v++)
        {
            var latency = variants[v].Latency;
            foreach (var batch in Batches(latency.Batches, maxBatch))
                all.Add(new ResidentPair(v, batch, latency.LatencyUs(batch), variants[v].Accuracy));
        }

        var inTime = all.FindAll(p => p.LatencyUs <= objectiveUs);
        if (inTime.Count == 0)
            inTime = [all.MinBy(p => p.LatencyUs)];
        return [.. inTime.Where(p => !inTime.Exists(other => p.IsDominatedBy(other))).OrderBy(p => p.LatencyUs).ThenBy(p => p.Variant)];
    }

    // A profile may begin above the limit: its variant still runs, with as many rows as are allowed.
    private static List<int> Batches(ReadOnlySpan<int> profiled, int maxBatch)
    {
        var batches = new List<int>();
        foreach (var batch in profiled)
        {
            if (batch <= maxBatch)
                batches.Add(batch);
        }

        return batches.Count > 0 ? batches : [maxBatch];
    }
}
