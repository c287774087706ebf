namespace ServerlessLoki.Routing;

/// <summary>Opportunistic rerouting as Loki's paper means it (loki.md 5.2): a query that lost time is sent to a faster variant.</summary>
public static class Rerouting
{
    /// <summary>Chooses the variant for a child query, given the time that is left.</summary>
    /// <param name="table">The table in force.</param>
    /// <param name="pipeline">Pipeline index.</param>
    /// <param name="edge">Edge that the child takes; −1 for a query that enters at the root.</param>
    /// <param name="parentVariant">Variant that served the parent; ignored at the root.</param>
    /// <param name="normalVariant">What <see cref="RoutingTable.ChooseChild"/> drew.</param>
    /// <param name="slackUs">Deadline − now, microseconds.</param>
    /// <param name="minAccuracy">Least product that the child task and everything below it must still reach; 0 = any.</param>
    /// <returns>
    /// The normal variant while queueing, one planned batch and the least time below fit the slack; else the most accurate
    /// one that fits and has spare capacity; else the fastest whose single run fits; −1 (drop) when none does.
    /// </returns>
    public static int Choose(
        RoutingTable table, int pipeline, int edge, int parentVariant, int normalVariant, long slackUs, double minAccuracy)
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
            if (option.SingleUs + option.MinBelowUs > slackUs || option.Accuracy * best < minAccuracy - 1e-9)
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
}
