namespace ServerlessLoki.Serving.Ports;

/// <summary>What one source said about one second of a series.</summary>
/// <param name="Source">Who said it, for example an ingress instance.</param>
/// <param name="Second">Begin of the second.</param>
/// <param name="Json">What was said.</param>
public sealed record StoredSample(string Source, DateTimeOffset Second, string Json);
