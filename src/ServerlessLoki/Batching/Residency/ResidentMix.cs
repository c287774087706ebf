using System.Collections.Immutable;

namespace ServerlessLoki.Batching.Residency;

/// <summary>How accurate slots that hold several variants can be at an even load.</summary>
internal static class ResidentMix
{
    /// <summary>Highest mean accuracy of rows that take so long on average: the best mix of two pairs. That of the fastest pair where none is fast enough.</summary>
    /// <param name="pairs">At least one.</param>
    /// <param name="timeUs">Compute time that a row may take on average, microseconds; infinite without load.</param>
    public static double Accuracy(ImmutableArray<ResidentPair> pairs, double timeUs)
    {
        var quick = pairs.Where(p => RowUs(p) <= timeUs).ToList();
        if (quick.Count == 0)
            return pairs.MinBy(RowUs).Accuracy;
        var best = quick.Max(p => p.Accuracy);
        foreach (var slow in pairs.Where(p => RowUs(p) > timeUs))
        {
            foreach (var fast in quick)
            {
                var share = (timeUs - RowUs(fast)) / (RowUs(slow) - RowUs(fast));
                best = Math.Max(best, fast.Accuracy + (share * (slow.Accuracy - fast.Accuracy)));
            }
        }

        return best;
    }

    private static double RowUs(ResidentPair pair) => pair.LatencyUs / pair.Batch;
}
