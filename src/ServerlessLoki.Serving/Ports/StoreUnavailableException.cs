namespace ServerlessLoki.Serving.Ports;

/// <summary>A store accepts no writes at present, for example because its disk is full. Its content is intact; a later call may
/// succeed.</summary>
public sealed class StoreUnavailableException(string message, Exception cause) : IOException(message, cause);
