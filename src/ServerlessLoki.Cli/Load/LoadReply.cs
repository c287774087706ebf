namespace ServerlessLoki.Cli.Load;

/// <summary>What came back for one query.</summary>
/// <param name="Status">HTTP status; one of the negative codes of <see cref="LoadStatus"/> when none came.</param>
/// <param name="Accuracy">Expected accuracy that the answer carries, 0..1; NaN when it carries none.</param>
/// <param name="Variants">Variants that answered, one string as the server wrote it; null when it wrote none.</param>
internal sealed record LoadReply(int Status, double Accuracy = double.NaN, string? Variants = null);
