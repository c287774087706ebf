namespace ServerlessLoki.Serving.Models;

/// <summary>A model cannot be loaded, does not fit its place, or failed in a run. The message names the model and the cause.</summary>
public sealed class ModelException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Cause of a failed run alone, in one line; otherwise the message.</summary>
    public string Cause { get; init; } = message;

    /// <summary>True for a run that failed because of the machine (memory, driver, device), whatever the data were.</summary>
    public bool IsOfTheMachine { get; init; }
}
