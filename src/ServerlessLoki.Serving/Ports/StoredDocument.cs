namespace ServerlessLoki.Serving.Ports;

/// <summary>A document and the version by which it may be replaced.</summary>
/// <param name="Json">Its text.</param>
/// <param name="Version">Opaque; another after each write.</param>
public sealed record StoredDocument(string Json, string Version);
