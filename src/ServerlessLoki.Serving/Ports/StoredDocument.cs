namespace ServerlessLoki.Serving.Ports;

/// <summary>Document and the version by which it may be replaced.</summary>
/// <param name="Json">Text of the document.</param>
/// <param name="Version">Opaque version; changes with each write.</param>
public sealed record StoredDocument(string Json, string Version);
