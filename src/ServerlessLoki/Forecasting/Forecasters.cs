using System.Collections.Immutable;

namespace ServerlessLoki.Forecasting;

/// <summary>The built-in forecasters.</summary>
/// <remarks>To add one to this project: write an <see cref="IDemandForecaster"/> and an entry below. A forecaster of your own project goes into a
/// <see cref="ForecasterRegistry"/>.</remarks>
public static class Forecasters
{
    /// <summary>Default of the embedded host: a fast mean for the level, and the trend so that the forecast does not lag behind a
    /// rise.</summary>
    public const string Default = "ewma:0.5+rising-trend";

    /// <summary>Forecasters that this project provides, in order of their names.</summary>
    public static ImmutableArray<ForecasterEntry> BuiltIn { get; } =
    [
        new("envelope", "the largest rate of any window that outgrew its past, else of the last half minute", _ => new EnvelopeForecaster()),
        new("ewma", "exponentially weighted mean", x => new EwmaForecaster(x ?? 1.6)) { Figure = "centre of mass in samples, default 1.6" },
        new("holt-winters", "smoothed level and trend, and a season where one is named", x => new HoltWintersForecaster(seasonLength: (int)(x ?? 0))) { Figure = "samples per season, default none" },
        new("peak-window", "the largest of the last samples", x => new PeakWindowForecaster((int)(x ?? 60))) { Figure = "samples, default 60", Least = 1 },
        new("rising-trend", "the last sample, or the line through the last ones where it rises", x => new RisingTrendForecaster(horizon: x ?? 1.5)) { Figure = "samples ahead, default 1.5" },
    ];
}
