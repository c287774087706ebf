using ServerlessLoki.Planning.Policies.Unified;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads <see cref="UnifiedOptions"/>.</summary>
internal static class UnifiedOptionsReader
{
    public static UnifiedOptions Read(JsonValue value)
    {
        var defaults = new UnifiedOptions();
        if (!value.IsObjectWith("historySeconds", "missedShare", "forecastReserve", "rounds", "gap", "nodes", "swapAccuracy", "loadTimes", "replayRows"))
            return defaults;
        var (least, most) = UnifiedBounds.History;
        return defaults with
        {
            History = Number(value, "historySeconds", (least.TotalSeconds, most.TotalSeconds)) is { } seconds ? TimeSpan.FromSeconds(seconds) : defaults.History,
            MissedShare = Number(value, "missedShare", UnifiedBounds.MissedShare) ?? defaults.MissedShare,
            ForecastReserve = Number(value, "forecastReserve", UnifiedBounds.ForecastReserve) ?? defaults.ForecastReserve,
            Rounds = (int?)Count(value, "rounds", UnifiedBounds.Rounds) ?? defaults.Rounds,
            Gap = Number(value, "gap", UnifiedBounds.Gap) ?? defaults.Gap,
            Nodes = Count(value, "nodes", UnifiedBounds.Nodes) ?? defaults.Nodes,
            SwapAccuracy = Number(value, "swapAccuracy", UnifiedBounds.SwapAccuracy) ?? defaults.SwapAccuracy,
            LoadTimes = Number(value, "loadTimes", UnifiedBounds.LoadTimes) ?? defaults.LoadTimes,
            ReplayRows = (int?)Count(value, "replayRows", UnifiedBounds.ReplayRows) ?? defaults.ReplayRows,
        };
    }

    private static double? Number(JsonValue value, string key, (double Least, double Most) bounds) =>
        value.TryOptional(key, out var item) ? item.Number(bounds.Least, bounds.Most) : null;

    private static long? Count(JsonValue value, string key, (long Least, long Most) bounds) =>
        value.TryOptional(key, out var item) ? item.Integer(bounds.Least, bounds.Most) : null;
}
