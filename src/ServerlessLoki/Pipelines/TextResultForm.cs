using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>How a model's values become a text.</summary>
public sealed record TextResultForm
{
    /// <summary>Nothing is said.</summary>
    public static TextResultForm Default { get; } = new();

    /// <summary>Registered name of the decoder; null = <c>ids</c> for whole numbers, <c>ctc</c> for others.</summary>
    public string? Decoder { get; init; }

    /// <summary>With <c>ctc</c>: file with a character, or more, a line, in the order of the model's classes.</summary>
    public string? Dictionary { get; init; }

    /// <summary>With <c>ctc</c>: true where the class that means "nothing" is the last one and not the first.</summary>
    public bool IsBlankLast { get; init; }

    /// <summary>With <c>ctc</c>: true where a blank space follows the dictionary's characters.</summary>
    public bool HasSpace { get; init; }

    /// <summary>With <c>ids</c>: the tokenizer's file, see <see cref="TextForm.Tokenizer"/>.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>With <c>ids</c>: tokens that are left out; null = the special ones of the vocabulary.</summary>
    public ImmutableArray<string>? Skipped { get; init; }
}
