using ServerlessLoki.Forecasting;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads a forecaster by its name, see <see cref="ForecasterRegistry"/>.</summary>
internal static class ForecasterReader
{
    public static Func<IDemandForecaster>? Read(JsonValue value, ScenarioNames names)
    {
        if (value.Text(string.Join(", ", names.Forecasters.Names)) is not { } name)
            return null;
        if (names.Forecasters.FaultOf(name, names.LoadModel) is not { } fault)
            return () => names.Forecasters.Create(name, names.LoadModel);
        value.Fault("not a forecaster that can be simulated", $"\"{name}\"", fault);
        return null;
    }
}
