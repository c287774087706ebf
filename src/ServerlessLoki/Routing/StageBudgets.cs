namespace ServerlessLoki.Routing;

/// <summary>
/// Splits a query's end-to-end deadline into local ones (Loki, latency budgets): each later stage keeps twice its planned processing
/// time (once to queue, once to run), everything else is this stage's. So slack that earlier stages left is passed on.
/// </summary>
public static class StageBudgets
{
    /// <summary>Factor on a stage's planned processing time that is reserved for it: once to queue, once to run.</summary>
    public const double Safety = 2;

    /// <summary>Computes the latest end of the query's batch at this stage.</summary>
    /// <param name="option">Variant that serves the query at this stage.</param>
    /// <param name="deadlineUs">End-to-end deadline of the query.</param>
    /// <param name="nowUs">Current time, on the same clock.</param>
    /// <returns>Deadline − 2 × planned time below; when that leaves less than one planned batch here, the reserve below
    /// shrinks as far as needed but never under the least processing time below.</returns>
    public static long LatestFinishUs(in RouteOption option, long deadlineUs, long nowUs)
    {
        var comfortable = deadlineUs - (long)Math.Ceiling(option.ReservedBelowUs);
        var needed = nowUs + (long)Math.Ceiling(option.LatencyUs);
        if (comfortable >= needed)
            return comfortable;
        var last = deadlineUs - (long)Math.Ceiling(option.MinBelowUs);
        return Math.Max(comfortable, Math.Min(needed, last));
    }
}
