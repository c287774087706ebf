namespace ServerlessLoki.Serving.Protocol;

/// <summary>Output that a request names.</summary>
/// <param name="Name">Tensor name.</param>
/// <param name="Binary">True for binary data; null = the request's general setting.</param>
public sealed record RequestedOutput(string Name, bool? Binary);
