using ServerlessLoki.Planning;

namespace ServerlessLoki.Routing;

/// <summary>How pipelines that ask for too much divide the slots' time: as the plan does.</summary>
internal static class PlannedParts
{
    /// <summary>A plan that serves the most queries may leave one pipeline none at all. At the door it keeps this much of an equal part, so that
    /// nobody who would be answered in time is refused for ever.</summary>
    private const double LeastOfEqual = 0.5;

    /// <summary>Part of each pipeline, together 1; null where at most one asks, or the plan serves all.</summary>
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
