using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Scenarios;

/// <summary>What the first plan is made for where the file does not say: the traffic's first seconds.</summary>
internal static class FirstDemand
{
    private const double Seconds = 10;

    /// <summary>Queries per second by pipeline.</summary>
    public static double[] Qps(IArrivals arrivals, int pipelines)
    {
        var counts = new double[pipelines];
        var lengthUs = Math.Clamp(arrivals.DurationUs ?? long.MaxValue, 1, (long)(Seconds * 1e6));
        var stream = arrivals.Open(1);
        while (stream.TryNext(out var arrival) && arrival.AtUs < lengthUs)
            counts[arrival.Pipeline]++;
        return [.. counts.Select(c => c * 1e6 / lengthUs)];
    }
}
