namespace ServerlessLoki.Serving.Protocol;

/// <summary>Output that a request names.</summary>
/// <param name="Name">Tensor name.</param>
/// <param name="Binary">Wanted as binary data; null = as the request says for all.</param>
/// <param name="Classes">Wanted as the best so many classes, <c>score:index:label</c> each, in place of the values; null = wanted as it is.</param>
/// <param name="IsPng">Wanted as PNG files in place of the values.</param>
public sealed record RequestedOutput(string Name, bool? Binary, int? Classes = null, bool IsPng = false);
