namespace ServerlessLoki.Serving.Ports;

/// <summary>Sample of one source for one second of a series.</summary>
/// <param name="Source">Name of the source, for example an ingress instance.</param>
/// <param name="Second">Begin of the second.</param>
/// <param name="Json">Text of the sample.</param>
public sealed record StoredSample(string Source, DateTimeOffset Second, string Json);
