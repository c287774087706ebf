namespace ServerlessLoki.Cli.Figures;

/// <summary>Named range of the horizontal axis.</summary>
internal sealed record FigureBand(string Name, double From, double To);
