namespace ServerlessLoki.Cli.Load;

/// <summary>Reply to one query.</summary>
/// <param name="Status">HTTP status; without a reply one of the negative codes of <see cref="LoadStatus"/>.</param>
/// <param name="Accuracy">Expected accuracy in the answer, 0..1; NaN when there is none.</param>
/// <param name="Variants">Variants that answered, one string as the server wrote it; null when there is none.</param>
internal sealed record LoadReply(int Status, double Accuracy = double.NaN, string? Variants = null);
