namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Bounds of <see cref="UnifiedOptions"/>, both of them allowed; the same in code and in scenario files.</summary>
internal static class UnifiedBounds
{
    /// <summary>An hour at most: the outlook on demand takes time with the square of the history where models load for long.</summary>
    public static readonly (TimeSpan Least, TimeSpan Most) History = (TimeSpan.Zero, TimeSpan.FromHours(1));

    public static readonly (double Least, double Most) MissedShare = (0.0001, 0.99);

    public static readonly (double Least, double Most) ForecastReserve = (0, 0.99);

    public static readonly (int Least, int Most) Rounds = (1, 100);

    public static readonly (double Least, double Most) Gap = (0, 1);

    public static readonly (long Least, long Most) Nodes = (1, 1_000_000_000);

    public static readonly (double Least, double Most) SwapAccuracy = (0, 1);

    public static readonly (double Least, double Most) LoadTimes = (0.01, 1000);

    /// <summary>More would be replayed for seconds.</summary>
    public static readonly (int Least, int Most) ReplayRows = (100, 10_000_000);
}
