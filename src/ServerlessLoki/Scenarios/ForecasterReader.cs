using ServerlessLoki.Forecasting;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads a forecaster by its name, see <see cref="Forecasters"/>.</summary>
internal static class ForecasterReader
{
    public static Func<IDemandForecaster>? Read(JsonValue value, Func<string, ISequenceModel>? loadModel)
    {
        if (value.Text(string.Join(", ", Forecasters.KnownNames)) is not { } name)
            return null;
        if (Forecasters.FaultOf(name, loadModel) is not { } fault)
            return () => Forecasters.Create(name, loadModel);
        value.Fault("not a forecaster that can be simulated", $"\"{name}\"", fault);
        return null;
    }
}
