using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Conversion of a model's values into a text.</summary>
public sealed record TextResultForm
{
    /// <summary>Default settings.</summary>
    public static TextResultForm Default { get; } = new();

    /// <summary>Registered name of the decoder; null = <c>ids</c> for integer outputs, <c>ctc</c> for others.</summary>
    public string? Decoder { get; init; }

    /// <summary>Dictionary file of the decoder <c>ctc</c>: one character, or several, per line in the order of the model's
    /// classes.</summary>
    public string? Dictionary { get; init; }

    /// <summary>True where the blank class of the decoder <c>ctc</c> is the last one; false where it is the first.</summary>
    public bool IsBlankLast { get; init; }

    /// <summary>True where a space follows the dictionary's characters as one more class of the decoder <c>ctc</c>.</summary>
    public bool HasSpace { get; init; }

    /// <summary>Tokenizer file of the decoder <c>ids</c>, see <see cref="TextForm.Tokenizer"/>.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Tokens that the decoder <c>ids</c> leaves out; null = the special tokens of the vocabulary.</summary>
    public ImmutableArray<string>? Skipped { get; init; }
}
