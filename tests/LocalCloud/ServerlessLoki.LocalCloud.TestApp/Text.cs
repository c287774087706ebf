namespace ServerlessLoki.LocalCloud.TestApp;

/// <summary>Text with its length.</summary>
/// <param name="Value">The text.</param>
/// <param name="Length">Length of the text, characters.</param>
public sealed record Text(string Value, int Length);
