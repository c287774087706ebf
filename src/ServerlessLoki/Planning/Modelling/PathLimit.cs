using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Leaves out variants where all variant paths would not fit into memory: nine variants of nine tasks in a row make 387 million
/// paths.</summary>
internal static class PathLimit
{
    /// <summary>Most variant prefixes of one pipeline.</summary>
    private const double MostPrefixes = 40_000;

    /// <summary>Removes variants, one at a time, from the task that has the most: the one whose accuracy is nearest to that of the next
    /// better one. The most accurate and the fastest variant of a task stay.</summary>
    /// <param name="graph">Pipeline of the variants.</param>
    /// <param name="within">[task] variants with their latency levels; reduced in place.</param>
    /// <returns>True if any variant was removed.</returns>
    public static bool Thin(Pipeline graph, List<(Variant Variant, ImmutableArray<LatencyLevel> Levels)>[] within)
    {
        var isThinned = false;
        while (Prefixes(graph, within) > MostPrefixes && within.MaxBy(t => t.Count) is { Count: > 2 } most)
        {
            most.Sort((a, b) => a.Variant.Accuracy.CompareTo(b.Variant.Accuracy));
            var fastest = most.MinBy(v => v.Levels[0].LatencyUs).Variant;
            var nearest = -1;
            for (var i = 0; i < most.Count - 1; i++)
            {
                if (most[i].Variant != fastest && (nearest < 0 || Loss(most, i) < Loss(most, nearest)))
                    nearest = i;
            }

            most.RemoveAt(nearest);
            most.Sort((a, b) => a.Variant.Index.CompareTo(b.Variant.Index));
            isThinned = true;
        }

        return isThinned;
    }

    private static double Loss(List<(Variant Variant, ImmutableArray<LatencyLevel> Levels)> byAccuracy, int i) =>
        byAccuracy[i + 1].Variant.Accuracy - byAccuracy[i].Variant.Accuracy;

    private static double Prefixes(Pipeline graph, List<(Variant Variant, ImmutableArray<LatencyLevel> Levels)>[] within)
    {
        var ways = new double[graph.Visits.Length];
        foreach (var visit in graph.Visits)
            ways[visit.Index] = within[visit.Task].Count * (visit.Parent is { } parent ? ways[parent.Index] : 1);
        return ways.Sum();
    }
}
