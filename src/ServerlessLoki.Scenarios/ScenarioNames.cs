using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Scenarios;

/// <summary>What the names in a scenario file stand for.</summary>
public sealed record ScenarioNames
{
    /// <summary>Policies. Default: the built-in ones.</summary>
    public PolicyRegistry Policies { get; init; } = PolicyRegistry.Default;

    /// <summary>Forecasters. Default: the built-in ones.</summary>
    public ForecasterRegistry Forecasters { get; init; } = ForecasterRegistry.Default;

    /// <summary>Loads the file of a forecaster <c>onnx:FILE</c> by its path as written there, for several runs at once. A
    /// <see cref="FormatException"/> from it becomes a fault. Null = such forecasters are refused.</summary>
    public Func<string, ISequenceModel>? LoadModel { get; init; }
}
