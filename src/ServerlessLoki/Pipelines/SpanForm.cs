using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>How start and end logits become a part of the query's second text.</summary>
public sealed record SpanForm
{
    /// <summary>Nothing is said.</summary>
    public static SpanForm Default { get; } = new();

    /// <summary>Registered name of the decoder; null = <c>span</c>.</summary>
    public string? Decoder { get; init; }

    /// <summary>The model's outputs by what they mean (<c>start</c>, <c>end</c>); those that are not named are found by their names.</summary>
    public ImmutableSortedDictionary<string, string> Tensors { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Most tokens of an answer. Default 30.</summary>
    public int MaxTokens { get; init; } = 30;

    /// <summary>The answer is empty where the logits of "no answer" (start and end at the first token) are above the best answer's by more than it;
    /// null = there always is an answer.</summary>
    public double? EmptyAbove { get; init; }
}
