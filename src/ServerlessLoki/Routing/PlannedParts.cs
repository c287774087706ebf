using ServerlessLoki.Planning;

namespace ServerlessLoki.Routing;

/// <summary>Division of the slots' time among pipelines that together ask for too much: as in the plan.</summary>
internal static class PlannedParts
{
    /// <summary>Least part of a pipeline, as a share of an equal part. A plan that serves the most queries may leave one pipeline no time
    /// at all; this part keeps its queries from being refused forever.</summary>
    private const double LeastOfEqual = 0.5;

    /// <summary>Computes the part of each pipeline, summing to 1; null where at most one pipeline has demand, or the plan serves
    /// all.</summary>
    public static double[]? Of(Plan plan)
    {
        var asking = plan.DemandQps.Count(d => d > 0);
        if (asking < 2 || !plan.ServedShare.Any(s => s < 1))
            return null;
        var work = new double[plan.DemandQps.Length];
        foreach (var group in plan.Slots)
            work[group.Pipeline] += group.LoadQps * group.LatencyUs / group.Batch;
        var all = work.Sum();
        var parts = work.Select(w => Math.Max(all > 0 ? w / all : 0, LeastOfEqual / asking)).ToArray();
        var sum = parts.Sum();
        return [.. parts.Select(p => p / sum)];
    }
}
