using ServerlessLoki.Forecasting;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads a forecaster by its name, see <see cref="Forecasters"/>.</summary>
internal static class ForecasterReader
{
    public static Func<IDemandForecaster>? Read(JsonValue value)
    {
        if (value.Text(string.Join(", ", Forecasters.KnownNames)) is not { } name)
            return null;
        try
        {
            Forecasters.Create(name);
            return () => Forecasters.Create(name);
        }
        catch (ArgumentException e)
        {
            value.Fault("not a forecaster that can be simulated", $"\"{name}\"", e.Message);
            return null;
        }
    }
}
