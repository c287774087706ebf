namespace ServerlessLoki.Routing;

/// <summary>Whether a query may go where it was meant to, or is better answered by a faster variant.</summary>
public static class Comfort
{
    /// <summary>The embedded host's share: half of a query's time, as for planning (Loki, latency constraint).</summary>
    public const double HostShare = 0.5;

    private const double StrandedRootShare = 0.6;
    private const double StrandedShare = 0.8;

    /// <summary>True while the work ahead leaves the planned processing within <paramref name="share"/> of the query's time. A
    /// stage may always queue as long as it processes, which is what plans count on, as long as the deadline holds.</summary>
    /// <param name="option">The variant.</param>
    /// <param name="timeUs">Deadline − now, microseconds.</param>
    /// <param name="backlogUs">Work ahead of the query, microseconds.</param>
    /// <param name="share">Above 0 up to 1. Where queues stand, they grow to this share and no further, because what comes then goes
    /// to faster variants; the rest is for the way in and out and for bad luck.</param>
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

    /// <summary>True when a query has waited so long that it should be answered by the fastest variant now, not just in time: the
    /// machine is slower than it was a moment ago, and every slow batch makes the next query later still.</summary>
    /// <param name="arrivalUs">When the query arrived.</param>
    /// <param name="deadlineUs">When its answer is due.</param>
    /// <param name="nowUs">Now, on the same clock.</param>
    /// <param name="processingUs">Least processing time from here on with the planned variant.</param>
    /// <param name="isRoot">True before the first stage, when more is still to come.</param>
    public static bool IsStranded(long arrivalUs, long deadlineUs, long nowUs, double processingUs, bool isRoot) =>
        deadlineUs != long.MaxValue
        && nowUs + processingUs > arrivalUs + ((isRoot ? StrandedRootShare : StrandedShare) * (deadlineUs - arrivalUs));
}
