namespace ServerlessLoki.Routing;

/// <summary>Whether a query is let in, and on which variant of the root task.</summary>
public static class Admission
{
    /// <summary>Chooses the variant that a query starts on.</summary>
    /// <typeparam name="T">How the waiting work is known.</typeparam>
    /// <param name="table">The table in force.</param>
    /// <param name="pipeline">Pipeline index.</param>
    /// <param name="planned">What <see cref="RoutingTable.ChooseRoot"/> drew.</param>
    /// <param name="minAccuracy">Least product of accuracies that the query accepts; 0 = any.</param>
    /// <param name="timeUs">Deadline − now, microseconds.</param>
    /// <param name="backlog">The waiting work.</param>
    /// <param name="share">See <see cref="Comfort.Allows"/>.</param>
    /// <returns>The planned variant while it fits with room to queue; else the most accurate that does; else the fastest that fits at
    /// all; −1 = refuse.</returns>
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
            if (option.SingleUs + option.MinBelowUs <= timeUs - beforeUs)
                possible = option.Variant;
        }

        return comfortable >= 0 ? comfortable : possible;
    }
}
