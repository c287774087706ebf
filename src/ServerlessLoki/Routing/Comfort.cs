namespace ServerlessLoki.Routing;

/// <summary>Test whether a query goes to its planned variant, or is better answered by a faster one.</summary>
public static class Comfort
{
    /// <summary>Share of the embedded host: half of a query's time, as for planning (Loki, latency constraint).</summary>
    public const double HostShare = 0.5;

    private const double StrandedRootShare = 0.6;
    private const double StrandedShare = 0.8;

    /// <summary>Tests whether the work ahead leaves the planned processing within <paramref name="share"/> of the query's time. A stage may
    /// always queue as long as it processes, which is what plans assume, while the deadline holds.</summary>
    /// <param name="option">Variant to test.</param>
    /// <param name="timeUs">Time until the deadline, microseconds.</param>
    /// <param name="backlogUs">Work ahead of the query, microseconds.</param>
    /// <param name="share">Share of the query's time, above 0 up to 1. Queues grow up to this share and no further, since later queries go
    /// to faster variants; the rest is for transport and disturbances.</param>
    public static bool Allows(in RouteOption option, double timeUs, double backlogUs, double share)
    {
        var processingUs = option.LatencyUs + option.PlannedBelowUs;
        // Batches in hand are not in the backlog: as long again as the processing is kept for them.
        // A plan that allows a wait knows how many replicas take turns; one of them is free after L / replicas.
        var roomUs = option.WaitUs is null
            ? timeUs - (StageBudgets.Safety * processingUs)
            : timeUs - option.QueueUs - option.LatencyUs - option.ReservedBelowUs;
        return backlogUs <= roomUs
            && backlogUs <= Math.Max((share * timeUs) - processingUs, processingUs);
    }

    /// <summary>Tests whether a query has waited so long that the fastest variant should answer it now. The machine is then slower than it
    /// was a moment ago, and every slow batch makes the next query later still.</summary>
    /// <param name="arrivalUs">Arrival time of the query.</param>
    /// <param name="deadlineUs">Deadline of the query.</param>
    /// <param name="nowUs">Current time, on the same clock.</param>
    /// <param name="processingUs">Least remaining processing time with the planned variant, microseconds.</param>
    /// <param name="isRoot">True before the first stage, when most of the processing is still to come.</param>
    public static bool IsStranded(long arrivalUs, long deadlineUs, long nowUs, double processingUs, bool isRoot) =>
        deadlineUs != long.MaxValue
        && nowUs + processingUs > arrivalUs + ((isRoot ? StrandedRootShare : StrandedShare) * (deadlineUs - arrivalUs));
}
