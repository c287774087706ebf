using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Conversion of a text, or a pair of texts, into a model's token ids.</summary>
public sealed record TextForm
{
    /// <summary>Smallest and largest <see cref="MaxLength"/>, tokens.</summary>
    public const int LeastLength = 4, MostLength = 65_536;

    /// <summary>The tokenizer's file, absolute or relative to the pipeline file's folder: <c>tokenizer.json</c> (Hugging Face), <c>vocab.txt</c> (WordPiece), <c>vocab.json</c> with
    /// <c>merges.txt</c> beside it (byte-level BPE), <c>*.model</c> (SentencePiece).</summary>
    public string Tokenizer { get; init; } = "";

    /// <summary>A text that comes along the edge, or with the query for the first task; all of them where the query brings a pair.</summary>
    public const string Arriving = "input";

    /// <summary>The query's own text, for a task behind another.</summary>
    public const string OwnText = "query";

    /// <summary>Before the name of one of the pipeline's parameters.</summary>
    public const string ParameterPrefix = "parameters.";

    /// <summary>The texts that the model gets, in its order: <see cref="Arriving"/> once, <see cref="OwnText"/>, or a parameter of the query. Empty = what
    /// arrives alone.</summary>
    public ImmutableArray<string> Texts { get; init; } = [];

    /// <summary>True where one of the texts is the query's own.</summary>
    public bool TakesQuery => Texts.Contains(OwnText, StringComparer.Ordinal);

    /// <summary>True where texts are put into lower case and lose their accents; null = for WordPiece true, else false.</summary>
    public bool? IsLowerCase { get; init; }

    /// <summary>Most tokens of an input, special tokens included. Longer texts are cut at their end; of a pair the longer text is cut
    /// first. Default 512.</summary>
    public int MaxLength { get; init; } = 512;

    /// <summary>Padding step, tokens, for models that take any length: rows are padded to a multiple of it, so that texts of similar length
    /// share a batch. 1 = no padding. Default 16.</summary>
    public int PadTo { get; init; } = 16;

    /// <summary>Special tokens before the text; null = those of the tokenizer's kind.</summary>
    public ImmutableArray<string>? First { get; init; }

    /// <summary>Special tokens between the texts of a pair; null = those of the tokenizer's kind.</summary>
    public ImmutableArray<string>? Between { get; init; }

    /// <summary>Special tokens after the text; null = those of the tokenizer's kind.</summary>
    public ImmutableArray<string>? Last { get; init; }

    /// <summary>Padding token; null = that of the tokenizer's kind.</summary>
    public string? Pad { get; init; }

    /// <summary>Input names of the model by their meaning (<c>ids</c>, <c>mask</c>, <c>types</c>); inputs that are not listed are found by
    /// their names.</summary>
    public ImmutableSortedDictionary<string, string> Tensors { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
