using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Cores;

/// <summary>Use of the cores by other processes over time.</summary>
/// <param name="Samples">Seconds since the begin, ascending, and the processor time of others by then; empty where it could not be
/// measured.</param>
internal sealed record CoreUse(ImmutableArray<(double At, CoreTimes Times)> Samples)
{
    /// <summary>Width of the window in <see cref="Worst"/>, seconds. In shorter windows the clock's ticks distort the result.</summary>
    public const double WindowSeconds = 2;

    /// <summary>Use without measurements.</summary>
    public static readonly CoreUse Unknown = new([]);

    /// <summary>Computes the mean share of the cores between two times, 0..1; null if it was not measured then.</summary>
    public double? Share(double from, double to)
    {
        if (Samples.Length < 2)
            return null;
        var (begin, end) = (Math.Max(from, Samples[0].At), Math.Min(to, Samples[^1].At));
        if (end <= begin)
            return null;
        var (_, processors, cores) = Samples[0].Times;
        var taken = (OthersSeconds(end) - OthersSeconds(begin)) / (end - begin);
        // On processors that this process may not use anyway, others are in nobody's way.
        return Math.Clamp((taken - Math.Max(0, processors - cores)) / cores, 0, 1);
    }

    /// <summary>Computes the largest mean share over <see cref="WindowSeconds"/> between two times, 0..1; null if it was not measured
    /// then.</summary>
    public double? Worst(double from, double to)
    {
        if (Samples.Length < 2)
            return null;
        var (begin, end) = (Math.Max(from, Samples[0].At), Math.Min(to, Samples[^1].At));
        var worst = Share(begin, Math.Min(end, begin + WindowSeconds));
        // Windows that begin or end with a sample hold the largest mean.
        foreach (var (at, _) in Samples)
        {
            foreach (var start in (ReadOnlySpan<double>)[at, at - WindowSeconds])
            {
                if (start >= begin && start + WindowSeconds <= end)
                    worst = Math.Max(worst ?? 0, Share(start, start + WindowSeconds) ?? 0);
            }
        }

        return worst;
    }

    private double OthersSeconds(double at)
    {
        var after = 1;
        while (after < Samples.Length - 1 && Samples[after].At < at)
            after++;
        var (left, right) = (Samples[after - 1], Samples[after]);
        var part = right.At > left.At ? (at - left.At) / (right.At - left.At) : 1;
        return left.Times.OthersSeconds + (part * (right.Times.OthersSeconds - left.Times.OthersSeconds));
    }
}
