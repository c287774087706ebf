using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Queries;

/// <summary>Result of a direct inference.</summary>
/// <remarks>The caller owns the result and disposes it after reading the outputs.</remarks>
/// <param name="Outcome">Outcome of the inference.</param>
/// <param name="Error">Description of the fault; null when completed.</param>
/// <param name="Outputs">Bytes of each output, in the order of the model's outputs, first dimension = rows; empty unless completed.</param>
/// <param name="RetryAfter">Time after which to retry.</param>
public sealed record VariantResult(
    QueryOutcome Outcome, string? Error, IReadOnlyList<ReadOnlyMemory<byte>> Outputs, TimeSpan? RetryAfter = null) : IDisposable
{
    /// <summary>Name, datatype and row dimensions of each output; null where the model's description gives them all.</summary>
    public ImmutableArray<TensorPart>? Loose { get; init; }

    /// <summary>Returns the outputs for transport; one without a name has that of its description.</summary>
    internal IReadOnlyList<TensorPart> Parts() => Loose is { } loose
        ? [.. loose.Select((l, i) => l with { Bytes = Outputs[i] })]
        : [.. Outputs.Select(static o => new TensorPart("", "", [], o))];

    /// <summary>Owners of the outputs' memory; null for memory that is not reused.</summary>
    internal IReadOnlyList<IDisposable>? Owners { get; init; }

    /// <summary>Frees the outputs' memory, once: the outputs must not be read any more.</summary>
    public void Dispose()
    {
        foreach (var owner in Owners ?? [])
            owner.Dispose();
    }
}
