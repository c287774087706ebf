using ServerlessLoki.Forecasting;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads a forecaster: its name, or an object with its name and numbers.</summary>
internal static class ForecasterReader
{
    private static readonly string[] Known = ["embedded-host", "ewma", "peak-window", "rising-trend"];

    public static Func<IDemandForecaster>? Read(JsonValue value)
    {
        var name = value.IsString ? value.OneOf(Known)
            : value.IsObjectWith("name", "com", "samples", "horizon") && value.TryRequired("name", string.Join(", ", Known), out var n) ? n.OneOf(Known)
            : null;
        var com = value.TryOptional("com", out var c) ? c.Number(0, 1e6) : null;
        var samples = (int?)(value.TryOptional("samples", out var s) ? s.Integer(1, 1_000_000) : null);
        var horizon = value.TryOptional("horizon", out var h) ? h.Number(0, 1e6) : null;
        return name switch
        {
            "ewma" => () => new EwmaForecaster(com ?? 1.6, samples ?? 20),
            "peak-window" => () => new PeakWindowForecaster(samples ?? 10),
            "rising-trend" => () => new RisingTrendForecaster(Math.Max(2, samples ?? 3), horizon ?? 1.5),
            _ => null,
        };
    }
}
