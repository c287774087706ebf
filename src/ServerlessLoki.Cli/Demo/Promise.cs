namespace ServerlessLoki.Cli.Demo;

/// <summary>Something the product promises, and whether the demo saw it held.</summary>
/// <param name="Text">The promise.</param>
/// <param name="Held">True when it was held.</param>
/// <param name="Figure">What was measured.</param>
internal sealed record Promise(string Text, bool Held, string Figure);
