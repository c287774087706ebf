using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Queries;

/// <summary>The end of a direct inference.</summary>
/// <remarks>The caller's; to be disposed after its outputs were read.</remarks>
/// <param name="Outcome">How it ended.</param>
/// <param name="Error">What went wrong; null when completed.</param>
/// <param name="Outputs">Each output's bytes, in the order of the model's outputs, first dimension = rows; empty unless completed.</param>
/// <param name="RetryAfter">When to come back.</param>
public sealed record VariantResult(
    QueryOutcome Outcome, string? Error, IReadOnlyList<ReadOnlyMemory<byte>> Outputs, TimeSpan? RetryAfter = null) : IDisposable
{
    /// <summary>Of each output as its rows gave it: name, datatype, dimensions of a row; null where the model's description says all of it.</summary>
    public ImmutableArray<TensorPart>? Loose { get; init; }

    /// <summary>The outputs as they travel: one without a name is as its description says.</summary>
    internal IReadOnlyList<TensorPart> Parts() => Loose is { } loose
        ? [.. loose.Select((l, i) => l with { Bytes = Outputs[i] })]
        : [.. Outputs.Select(static o => new TensorPart("", "", [], o))];

    /// <summary>What the outputs' memory is given back with; null for memory that nobody re-uses.</summary>
    internal IReadOnlyList<IDisposable>? Owners { get; init; }

    /// <summary>Gives the outputs' memory back, once: they must not be read any more.</summary>
    public void Dispose()
    {
        foreach (var owner in Owners ?? [])
            owner.Dispose();
    }
}
