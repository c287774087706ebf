namespace ServerlessLoki.Serving.Ports;

/// <summary>A store takes nothing at present, for example because its disk is full. What it holds is whole; a later call may succeed.</summary>
public sealed class StoreUnavailableException(string message, Exception cause) : IOException(message, cause);
