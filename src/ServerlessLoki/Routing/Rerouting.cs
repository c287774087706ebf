namespace ServerlessLoki.Routing;

/// <summary>Opportunistic rerouting as Loki's paper means it (Loki, opportunistic rerouting): a query that lost time is sent to a faster variant.</summary>
public static class Rerouting
{
    // Accuracies are products of decimals; a bound that a user copied from a status page must not fail by rounding.
    private const double Tolerance = 1e-9;

    /// <summary>Chooses the variant for a child query, given the time that is left.</summary>
    /// <param name="table">The table in force.</param>
    /// <param name="pipeline">Pipeline index.</param>
    /// <param name="edge">Edge that the child takes; −1 for a query that enters at the root.</param>
    /// <param name="normalVariant">Variant drawn by <see cref="RoutingTable.ChooseChild"/>.</param>
    /// <param name="slackUs">Time until the deadline, microseconds.</param>
    /// <param name="minAccuracy">Least product that the child task and everything below it must still reach; 0 = any.</param>
    /// <returns>
    /// The normal variant while queueing, one planned batch and the least time below fit the slack; else the most accurate
    /// one that fits and has spare capacity; else the fastest whose single run fits; −1 (drop) when none does.
    /// </returns>
    public static int Choose(
        RoutingTable table, int pipeline, int edge, int normalVariant, long slackUs, double minAccuracy)
    {
        ArgumentNullException.ThrowIfNull(table);
        var task = edge < 0 ? 0 : table.ChildTask(pipeline, edge);
        var best = table.BestAccuracyBelow(pipeline, task);
        var options = table.Options(pipeline, task);
        var spare = -1;
        var fastest = -1;
        for (var o = 0; o < options.Length; o++)
        {
            ref readonly var option = ref options[o];
            if (option.SingleUs + option.MinBelowUs > slackUs || option.Accuracy * best < minAccuracy - Tolerance)
                continue;
            var comfortable = option.QueueUs + option.LatencyUs + option.MinBelowUs <= slackUs;
            if (comfortable && option.Variant == normalVariant)
                return normalVariant;
            if (comfortable && spare < 0 && option.SpareQps > 0)
                spare = o;
            if (fastest < 0 || option.SingleUs < options[fastest].SingleUs)
                fastest = o;
        }

        return spare >= 0 ? options[spare].Variant : fastest >= 0 ? options[fastest].Variant : -1;
    }

    /// <summary>Chooses the planned variant of a child query: the drawn variant; for a parent whose variant the plan no longer has, the
    /// most accurate one with spare capacity.</summary>
    /// <param name="table">The table in force.</param>
    /// <param name="pipeline">Pipeline index.</param>
    /// <param name="edge">Edge that the child takes.</param>
    /// <param name="parentVariant">Variant that served the parent.</param>
    /// <param name="u">Uniform random number in [0, 1).</param>
    /// <param name="minAccuracy">Least product that the child task and everything below it must still reach; 0 = any.</param>
    /// <returns>Variant index; −1 when no deployed variant is accurate enough.</returns>
    public static int Planned(RoutingTable table, int pipeline, int edge, int parentVariant, double u, double minAccuracy)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (table.ChooseChild(pipeline, edge, parentVariant, u, minAccuracy) is >= 0 and var drawn)
            return drawn;
        var task = table.ChildTask(pipeline, edge);
        var best = -1;
        foreach (ref readonly var option in table.Options(pipeline, task))
        {
            if (option.Accuracy * table.BestAccuracyBelow(pipeline, task) < minAccuracy - Tolerance)
                continue;
            if (option.SpareQps > 0)
                return option.Variant;
            best = best < 0 ? option.Variant : best;
        }

        return best;
    }

    /// <summary>Finds the most accurate variant that can still answer a row in time which its own variant would answer too late.</summary>
    /// <param name="table">The table in force.</param>
    /// <param name="pipeline">Pipeline index.</param>
    /// <param name="task">Task index.</param>
    /// <param name="variant">Own variant of the row, which is excluded.</param>
    /// <param name="slackUs">Time until the deadline, microseconds.</param>
    /// <param name="minAccuracy">Least product that this task and everything below it must still reach; 0 = any.</param>
    /// <returns>Variant index; −1 when none can.</returns>
    public static int ToTimely(RoutingTable table, int pipeline, int task, int variant, long slackUs, double minAccuracy)
    {
        ArgumentNullException.ThrowIfNull(table);
        foreach (ref readonly var option in table.Options(pipeline, task))
        {
            if (option.Variant != variant && option.SingleUs + option.MinBelowUs <= slackUs
                && option.Accuracy * table.BestAccuracyBelow(pipeline, task) >= minAccuracy - Tolerance)
            {
                return option.Variant;
            }
        }

        return -1;
    }

    /// <summary>Finds the fastest variant for a row that waited too long (<see cref="Comfort.IsStranded"/>), if it is at least twice as
    /// fast as the row's own.</summary>
    /// <param name="table">The table in force.</param>
    /// <param name="pipeline">Pipeline index.</param>
    /// <param name="task">Task index.</param>
    /// <param name="variant">Own variant of the row.</param>
    /// <param name="minAccuracy">Least product that this task and everything below it must still reach; 0 = any.</param>
    /// <returns>Variant index; −1 when no variant is that fast, or the table does not have the row's own.</returns>
    public static int ToFastest(RoutingTable table, int pipeline, int task, int variant, double minAccuracy)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (table.Option(pipeline, task, variant) is not { } own)
            return -1;
        var (fastest, leastUs) = (-1, own.SingleUs / 2);
        foreach (ref readonly var option in table.Options(pipeline, task))
        {
            if (option.SingleUs <= leastUs && option.Accuracy * table.BestAccuracyBelow(pipeline, task) >= minAccuracy - Tolerance)
                (fastest, leastUs) = (option.Variant, option.SingleUs);
        }

        return fastest;
    }
}
