namespace ServerlessLoki.Cli.Figures;

/// <summary>A named stretch of the horizontal axis.</summary>
internal sealed record FigureBand(string Name, double From, double To);
