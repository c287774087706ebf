namespace ServerlessLoki.Cli.Inspection;

/// <summary>What <c>loki up</c> cannot do with a model, or what a first file leaves open.</summary>
/// <param name="What">The fact.</param>
/// <param name="Cure">What to do about it; null where the fact says it.</param>
internal sealed record Limit(string What, string? Cure = null);
