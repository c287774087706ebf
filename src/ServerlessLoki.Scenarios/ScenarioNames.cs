using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Scenarios;

/// <summary>Registries that resolve the names in a scenario file.</summary>
public sealed record ScenarioNames
{
    /// <summary>Policies that a file may name. Default: the built-in ones.</summary>
    public PolicyRegistry Policies { get; init; } = PolicyRegistry.Default;

    /// <summary>Forecasters that a file may name. Default: the built-in ones.</summary>
    public ForecasterRegistry Forecasters { get; init; } = ForecasterRegistry.Default;

    /// <summary>Loads the file of a forecaster <c>onnx:FILE</c> by its path as written in the scenario, for several runs at once. A
    /// <see cref="FormatException"/> from it becomes a fault. Null = such forecasters are refused.</summary>
    public Func<string, ISequenceModel>? LoadModel { get; init; }
}
