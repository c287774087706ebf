using System.Collections.Immutable;

namespace ServerlessLoki.Forecasting;

/// <summary>Largest number of arrivals in any window of each of several lengths (InferLine, traffic envelope): short windows show bursts,
/// long ones the mean rate. An immutable snapshot.</summary>
/// <param name="WindowsUs">Window lengths, microseconds, ascending, each above 0.</param>
/// <param name="Counts">q: most queries in any closed window of that length.</param>
public sealed record TrafficEnvelope(ImmutableArray<long> WindowsUs, ImmutableArray<int> Counts)
{
    private const long LargestWindowUs = 60_000_000;

    /// <summary>r = q / ΔT of one window, queries per second.</summary>
    public double RateQps(int window) => Counts[window] * 1e6 / WindowsUs[window];

    /// <summary>Returns the window lengths for a pipeline's service time: doubling, the last one clipped.</summary>
    /// <param name="serviceTimeUs">T_S, microseconds; raised to 1.</param>
    /// <param name="largestUs">Longest window, microseconds. Default 60 s.</param>
    public static ImmutableArray<long> Ladder(long serviceTimeUs, long largestUs = LargestWindowUs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(largestUs, 1);
        var ladder = ImmutableArray.CreateBuilder<long>();
        for (var window = Math.Max(1, serviceTimeUs); window < largestUs; window *= 2)
            ladder.Add(window);
        ladder.Add(largestUs);
        return ladder.ToImmutable();
    }

    /// <summary>Computes the envelope of arrivals; two pointers per window, so linear in their number.</summary>
    /// <param name="atUs">Arrival times, microseconds, not falling.</param>
    /// <param name="windowsUs">Window lengths, microseconds, ascending.</param>
    public static TrafficEnvelope Of(ReadOnlySpan<long> atUs, ImmutableArray<long> windowsUs)
    {
        var counts = new int[windowsUs.Length];
        for (var w = 0; w < counts.Length; w++)
        {
            var first = 0;
            for (var last = 0; last < atUs.Length; last++)
            {
                while (atUs[last] - atUs[first] > windowsUs[w])
                    first++;
                counts[w] = Math.Max(counts[w], last - first + 1);
            }
        }

        return new TrafficEnvelope(windowsUs, [.. counts]);
    }
}
