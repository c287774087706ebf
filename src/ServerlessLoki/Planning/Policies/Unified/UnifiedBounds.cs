namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Inclusive bounds of <see cref="UnifiedOptions"/>, for code and scenario files alike.</summary>
internal static class UnifiedBounds
{
    /// <summary>Bounds of the history. An hour at most: the computation of the outlook on demand grows with the square of the history where
    /// models load for long.</summary>
    public static readonly (TimeSpan Least, TimeSpan Most) History = (TimeSpan.Zero, TimeSpan.FromHours(1));

    public static readonly (double Least, double Most) MissedShare = (0.0001, 0.99);

    public static readonly (double Least, double Most) ForecastReserve = (0, 0.99);

    public static readonly (int Least, int Most) Rounds = (1, 100);

    public static readonly (double Least, double Most) Gap = (0, 1);

    public static readonly (long Least, long Most) Nodes = (1, 1_000_000_000);

    public static readonly (double Least, double Most) SwapAccuracy = (0, 1);

    public static readonly (double Least, double Most) LoadTimes = (0.01, 1000);

    /// <summary>Bounds of the rows of one replay. More would take seconds.</summary>
    public static readonly (int Least, int Most) ReplayRows = (100, 10_000_000);
}
