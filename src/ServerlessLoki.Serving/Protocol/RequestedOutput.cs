namespace ServerlessLoki.Serving.Protocol;

/// <summary>Output that a request names.</summary>
/// <param name="Name">Tensor name.</param>
/// <param name="Binary">Wanted as binary data; null = as the request says for all.</param>
public sealed record RequestedOutput(string Name, bool? Binary);
