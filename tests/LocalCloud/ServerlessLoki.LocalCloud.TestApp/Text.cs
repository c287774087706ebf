namespace ServerlessLoki.LocalCloud.TestApp;

/// <summary>Text with its length.</summary>
/// <param name="Value">The text.</param>
/// <param name="Length">Its length.</param>
public sealed record Text(string Value, int Length);
