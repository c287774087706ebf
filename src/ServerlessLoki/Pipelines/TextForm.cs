using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>How a text, or a pair of texts, becomes a model's token ids.</summary>
public sealed record TextForm
{
    /// <summary>Smallest and largest <see cref="MaxLength"/>.</summary>
    public const int LeastLength = 4, MostLength = 65_536;

    /// <summary>The tokenizer's file, absolute or relative to the pipeline file's folder: <c>vocab.txt</c> (WordPiece), <c>vocab.json</c> with
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

    /// <summary>Most tokens, special ones included; longer texts are cut at their end, of a pair the longer one first. Default 512.</summary>
    public int MaxLength { get; init; } = 512;

    /// <summary>Where the model takes any length: rows are padded to a multiple of it, so that texts of like length share a batch;
    /// 1 = not at all. Default 16.</summary>
    public int PadTo { get; init; } = 16;

    /// <summary>Special tokens before the text; null = what the tokenizer's kind takes.</summary>
    public ImmutableArray<string>? First { get; init; }

    /// <summary>Special tokens between the texts of a pair; null as above.</summary>
    public ImmutableArray<string>? Between { get; init; }

    /// <summary>Special tokens behind the text; null as above.</summary>
    public ImmutableArray<string>? Last { get; init; }

    /// <summary>The token of padding; null as above.</summary>
    public string? Pad { get; init; }

    /// <summary>The model's inputs by what they mean (<c>ids</c>, <c>mask</c>, <c>types</c>); those that are not named are found by their names.</summary>
    public ImmutableSortedDictionary<string, string> Tensors { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
