using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Conversion of start and end logits into an answer: a part of the query's second text.</summary>
public sealed record SpanForm
{
    /// <summary>Default settings.</summary>
    public static SpanForm Default { get; } = new();

    /// <summary>Registered name of the decoder; null = <c>span</c>.</summary>
    public string? Decoder { get; init; }

    /// <summary>Output names of the model by their meaning (<c>start</c>, <c>end</c>); outputs that are not listed are found by their
    /// names.</summary>
    public ImmutableSortedDictionary<string, string> Tensors { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Longest answer, tokens. Default 30.</summary>
    public int MaxTokens { get; init; } = 30;

    /// <summary>Lead from which "no answer" wins: the answer is empty where the logits of "no answer" (start and end at the first token)
    /// exceed those of the best answer by more than this. Null = there always is an answer.</summary>
    public double? EmptyAbove { get; init; }
}
