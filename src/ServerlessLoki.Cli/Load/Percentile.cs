namespace ServerlessLoki.Cli.Load;

/// <summary>Percentiles of a sorted set by nearest rank: always a value that occurred.</summary>
internal static class Percentile
{
    /// <summary>Returns the smallest value such that at least the share <paramref name="q"/> is not above it; null when empty.</summary>
    public static double? Of(ReadOnlySpan<double> sorted, double q) => sorted.IsEmpty
        ? null
        : sorted[Math.Clamp((int)Math.Ceiling(q * sorted.Length) - 1, 0, sorted.Length - 1)];
}
