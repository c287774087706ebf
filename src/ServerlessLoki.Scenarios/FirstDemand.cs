using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Scenarios;

/// <summary>Demand of the first plan where the file does not state it: that of the traffic's first seconds.</summary>
internal static class FirstDemand
{
    private const double Seconds = 10;

    /// <summary>Computes the queries per second by pipeline.</summary>
    /// <remarks>Clients that wait for their answers are taken to get them after half of the objective.</remarks>
    public static double[] Qps(IArrivals arrivals, IReadOnlyList<long> sloUs)
    {
        var pipelines = sloUs.Count;
        var counts = new double[pipelines];
        var lengthUs = Math.Clamp(arrivals.DurationUs ?? long.MaxValue, 1, (long)(Seconds * 1e6));
        var stream = arrivals.Open(1);
        while (stream.TryNext(out var arrival) && arrival.AtUs < lengthUs)
            counts[arrival.Pipeline]++;
        var qps = counts.Select(c => c * 1e6 / lengthUs).ToArray();
        foreach (var group in arrivals.Clients)
            qps[group.Pipeline] += group.Phases[0].Count * 1e6 / (group.ThinkUs + (sloUs[group.Pipeline] / 2.0));
        return qps;
    }
}
