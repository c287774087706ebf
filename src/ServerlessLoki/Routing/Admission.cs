namespace ServerlessLoki.Routing;

/// <summary>Decision whether a query is admitted, and on which variant of the root task.</summary>
/// <remarks>A query is admitted while it can be answered in time, even if the demand exceeds what the plan serves: free capacity is never
/// refused. Excess demand is shed only because the queue is full.</remarks>
public static class Admission
{
    private const double RationedShare = 0.5;

    /// <summary>Factor by which a wait may exceed its prediction: batch times vary, and one batch is running already.</summary>
    private const double WaitMargin = 1.1;

    /// <summary>Decides about a query by the one rule of all hosts.</summary>
    /// <typeparam name="T">How the waiting work is known.</typeparam>
    /// <param name="table">The table in force.</param>
    /// <param name="query">Query that asks to be admitted.</param>
    /// <param name="isFull">True when the limit of pending queries is reached.</param>
    /// <param name="backlog">Work that is waiting.</param>
    public static AdmissionDecision Decide<T>(RoutingTable table, in AdmissionQuery query, bool isFull, in T backlog)
        where T : struct, IBacklog
    {
        ArgumentNullException.ThrowIfNull(table);
        if (isFull)
            return new AdmissionDecision(-1, AdmissionRefusal.Full);
        if (query.TimeUs < table.MinRemainingUs(query.Pipeline, 0))
            return new AdmissionDecision(-1, AdmissionRefusal.TooLate);
        // Where no work waits the prediction cannot be wrong: then all of the time counts.
        var timeUs = query.TimeUs < double.MaxValue && !backlog.IsEmpty ? query.TimeUs - query.KeptUs : query.TimeUs;
        if (table.IsRationed && query.TimeUs < double.MaxValue && backlog.Shared() is var (allUs, ownUs) && GivesWay(table, query.Pipeline, timeUs, allUs, ownUs))
            return new AdmissionDecision(-1, AdmissionRefusal.GivesWay);
        var planned = table.ChooseRoot(query.Pipeline, query.U, query.MinAccuracy);
        var variant = ChooseRoot(table, query.Pipeline, planned, query.MinAccuracy, timeUs, backlog, query.Share);
        return new AdmissionDecision(variant, variant < 0 ? AdmissionRefusal.TooLate : AdmissionRefusal.None);
    }

    /// <summary>Tests whether a query gives way to other pipelines: more work of its own pipeline waits than the pipeline's part, and so
    /// much work waits that no slot would idle without this query.</summary>
    /// <param name="table">The table in force.</param>
    /// <param name="pipeline">Pipeline index.</param>
    /// <param name="timeUs">Time until the deadline, microseconds.</param>
    /// <param name="waitingUs">All work that waits on the slots that pipelines share and is due within the longest SLO, microseconds.</param>
    /// <param name="ownUs">Part of that work that belongs to this pipeline, microseconds.</param>
    public static bool GivesWay(RoutingTable table, int pipeline, double timeUs, double waitingUs, double ownUs)
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.IsRationed && waitingUs > RationedShare * timeUs && ownUs > table.Part(pipeline) * waitingUs;
    }

    /// <summary>Chooses the variant that a query starts on.</summary>
    /// <typeparam name="T">How the waiting work is known.</typeparam>
    /// <param name="table">The table in force.</param>
    /// <param name="pipeline">Pipeline index.</param>
    /// <param name="planned">Variant drawn by <see cref="RoutingTable.ChooseRoot"/>.</param>
    /// <param name="minAccuracy">Least product of accuracies that the query accepts; 0 = any.</param>
    /// <param name="timeUs">Time until the deadline, microseconds.</param>
    /// <param name="backlog">Work that is waiting.</param>
    /// <param name="share">Share of the query's time, see <see cref="Comfort.Allows"/>.</param>
    /// <returns>The planned variant while it fits with room to queue; else the most accurate that does; else the fastest that fits at all;
    /// −1 = refuse.</returns>
    public static int ChooseRoot<T>(
        RoutingTable table, int pipeline, int planned, double minAccuracy, double timeUs, in T backlog, double share)
        where T : struct, IBacklog
    {
        ArgumentNullException.ThrowIfNull(table);
        var below = table.BestAccuracyBelow(pipeline, 0);
        var (comfortable, possible) = (-1, -1);
        foreach (ref readonly var option in table.Options(pipeline, 0))
        {
            if (option.Accuracy * below < minAccuracy - 1e-9)
                continue;
            var beforeUs = backlog.BeforeUs(option.Variant);
            var fits = Comfort.Allows(option, timeUs, beforeUs, share);
            if (fits && option.Variant == planned)
                return planned;
            if (fits && comfortable < 0)
                comfortable = option.Variant;
            if (option.SingleUs + option.MinBelowUs <= timeUs - (WaitMargin * beforeUs))
                possible = option.Variant;
        }

        return comfortable >= 0 ? comfortable : possible;
    }
}
