namespace ServerlessLoki.Cli.Inspection;

/// <summary>Limit of <c>loki up</c> with a model, or an open point of a first file.</summary>
/// <param name="What">Text of the limit.</param>
/// <param name="Cure">Cure; null where the text contains it.</param>
internal sealed record Limit(string What, string? Cure = null);
