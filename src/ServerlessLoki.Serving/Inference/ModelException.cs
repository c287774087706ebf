namespace ServerlessLoki.Serving.Inference;

/// <summary>A model that cannot be loaded, does not fit its place, or failed in a run. The message names the model and the cause.</summary>
public sealed class ModelException(string message, Exception? inner = null) : Exception(message, inner);
