namespace ServerlessLoki.Serving.Dispatch;

/// <summary>The end of a direct inference.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Error">What went wrong; null when completed.</param>
/// <param name="Outputs">Each output's bytes, in the order of the model's outputs, first dimension = rows; empty unless completed.</param>
/// <param name="RetryAfter">When to come back.</param>
public sealed record VariantResult(
    QueryOutcome Outcome, string? Error, IReadOnlyList<ReadOnlyMemory<byte>> Outputs, TimeSpan? RetryAfter = null);
