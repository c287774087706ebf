using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.ML.Tokenizers;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Tokenizer with the special tokens of its kind, or those that the file names. Thread-safe.</summary>
/// <param name="Tokenizer">Tokenizer, which adds no special tokens.</param>
/// <param name="First">Ids before the text.</param>
/// <param name="Between">Ids between two texts.</param>
/// <param name="Last">Ids behind.</param>
/// <param name="Pad">Id of padding.</param>
/// <param name="Folds">True where texts are lower-cased and stripped of accents first.</param>
internal sealed record TextVocabulary(Tokenizer Tokenizer, ImmutableArray<int> First, ImmutableArray<int> Between, ImmutableArray<int> Last, int Pad, bool Folds)
{
    private const string Known = "tokenizer.json, vocab.txt (WordPiece), vocab.json with merges.txt beside it (byte-level BPE), or *.model (SentencePiece)";

    /// <summary>Encodes a text to ids, without special tokens except those in the text.</summary>
    public List<int> Ids(string text) => [.. Tokenizer is BertTokenizer words
        ? words.EncodeToIds(Folds ? AccentFolding.Fold(text, Specials.AsSpan()) : text, addSpecialTokens: false)
        : Tokenizer.EncodeToIds(Folds ? AccentFolding.Fold(text, Specials.AsSpan()) : text)];

    /// <summary>Encodes a text to ids, with the place of each token's word in the text.</summary>
    /// <param name="text">Text to encode.</param>
    /// <param name="places">Receives the places.</param>
    public List<int> Ids(string text, List<(int Start, int End)> places)
    {
        var ids = new List<int>();
        foreach (var (offset, length) in Tokenizer is BertTokenizer ? TextPieces.Of(text) : RobertaPreTokenizer.Instance.PreTokenize(text))
        {
            var word = Ids(text.Substring(offset, length));
            // Pieces of byte pairs have the blank before them.
            var blank = length - text.AsSpan(offset, length).TrimStart().Length;
            places.AddRange(Enumerable.Repeat((offset + blank, offset + length), word.Count));
            ids.AddRange(word);
        }

        return ids;
    }

    /// <summary>True where tokens can be traced back to the text's words.</summary>
    public bool KeepsPlaces => Tokenizer is BertTokenizer || (Tokenizer is BpeTokenizer && !Folds);

    /// <summary>Number of tokens in the vocabulary.</summary>
    public int Size { get; private init; }

    /// <summary>Decodes ids to a text, without the skipped tokens.</summary>
    public string Decode(IEnumerable<int> ids) => Tokenizer.Decode(ids.Where(id => !Skipped.Contains(id))) ?? "";

    private FrozenSet<int> Skipped { get; init; } = FrozenSet<int>.Empty;

    /// <summary>Tokens that a text may contain literally, such as <c>[MASK]</c>: they are not folded.</summary>
    private ImmutableArray<string> Specials { get; init; } = [];

    /// <summary>Reads a tokenizer's files.</summary>
    /// <exception cref="ModelException">The files cannot be read, or lack a token that is named.</exception>
    public static TextVocabulary Read(string path, TextForm form) => Read(path, form, decodes: false);

    private static TextVocabulary Read(string path, TextForm form, bool decodes)
    {
        try
        {
            return Path.GetExtension(path).ToLowerInvariant() switch
            {
                ".txt" => WordPiece(path, form, decodes),
                ".json" => TokenizerJson.Read(path) is { } json ? OfJson(json, form, decodes) : BytePairs(path, form, decodes),
                ".model" => SentencePiece(path, form, decodes),
                _ => throw new ModelException($"tokenizer '{path}' is of no known kind: {Known}."),
            };
        }
        catch (ModelException exception) when (exception.Message.StartsWith("its ", StringComparison.Ordinal))
        {
            throw new ModelException($"tokenizer '{path}': {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is not ModelException)
        {
            // The library throws what its parsers happen to meet.
            throw new ModelException($"tokenizer '{path}' cannot be read: {exception.Message.TrimEnd('.')}; it is {Known}.", exception);
        }
    }

    /// <summary>Reads a tokenizer's files for decoding ids.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="skipped">Tokens that are left out; null = the special ones of the vocabulary.</param>
    /// <exception cref="ModelException">As for <see cref="Read(string, TextForm)"/>.</exception>
    public static TextVocabulary ReadWords(string path, ImmutableArray<string>? skipped)
    {
        // Nothing is put around a text that is read from ids: the place of such tokens is free for those that are left out.
        var vocabulary = Read(path, new TextForm { First = [], Between = [], Last = skipped ?? [] }, decodes: true);
        return skipped is null ? vocabulary : vocabulary with { Skipped = vocabulary.Last.ToFrozenSet() };
    }

    /// <summary>Tests for tokens that stand for no text; bytes that a piece is made of do stand for text.</summary>
    private static bool IsSpecial(string token) => token is ['<', _, .., '>'] and not ['<', '0', 'x', ..] or "[CLS]" or "[SEP]" or "[PAD]" or "[UNK]" or "[MASK]";

    private static TextVocabulary WordPiece(string path, TextForm form, bool decodes)
    {
        using var file = File.OpenRead(path);
        // A line is a token, and its number the id.
        return WordPiece(file, Numbered(File.ReadLines(path)), form, decodes, new BertOptions().UnknownToken, isLowerCase: true, (["[CLS]"], ["[SEP]"], ["[SEP]"]), "[PAD]");
    }

    private static TextVocabulary WordPiece(
        Stream vocabulary, Dictionary<string, int> ids, TextForm form, bool decodes, string unknown, bool isLowerCase,
        (ImmutableArray<string> First, ImmutableArray<string> Between, ImmutableArray<string> Last) around, string? pad)
    {
        var options = new BertOptions { LowerCaseBeforeTokenization = false, UnknownToken = unknown };
        // Vocabularies of models that were never trained to fill gaps may lack it.
        options.MaskingToken = Here(options.MaskingToken);
        if (decodes)
            (options.SeparatorToken, options.PaddingToken, options.ClassificationToken) = (Here(options.SeparatorToken), Here(options.PaddingToken), Here(options.ClassificationToken));
        string[] specials = [options.UnknownToken, options.SeparatorToken, options.PaddingToken, options.ClassificationToken, options.MaskingToken];
        return Of(BertTokenizer.Create(vocabulary, options), ids, form, decodes, around.First, around.Between, around.Last, decodes ? null : pad) with
        {
            Folds = form.IsLowerCase ?? isLowerCase, Specials = [.. specials.Distinct(StringComparer.Ordinal)],
        };

        string Here(string token) => ids.ContainsKey(token) ? token : options.UnknownToken;
    }

    private static TextVocabulary BytePairs(string path, TextForm form, bool decodes)
    {
        var merges = Path.Combine(Path.GetDirectoryName(path)!, "merges.txt");
        var ids = JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(path)) ?? [];
        return BytePairs(new BpeOptions(path, merges), ids, form, decodes, ids.ContainsKey("<unk>") ? "<unk>" : null, ([], [], []), ids.ContainsKey("<pad>") ? "<pad>" : null);
    }

    private static TextVocabulary BytePairs(
        BpeOptions options, Dictionary<string, int> ids, TextForm form, bool decodes, string? unknown,
        (ImmutableArray<string> First, ImmutableArray<string> Between, ImmutableArray<string> Last) around, string? pad)
    {
        // <s>, <mask>, <|endoftext|> and their like: pieces of bytes are not written so.
        var specials = ids.Where(static t => t.Key is ['<', _, .., '>']).ToDictionary(StringComparer.Ordinal);
        (options.ByteLevel, options.PreTokenizer, options.UnknownToken, options.SpecialTokens) = (true, RobertaPreTokenizer.Instance, unknown, specials);
        return Of(BpeTokenizer.Create(options), ids, form, decodes, around.First, around.Between, around.Last, pad) with { Folds = form.IsLowerCase ?? false, Specials = [.. specials.Keys] };
    }

    private static TextVocabulary SentencePiece(string path, TextForm form, bool decodes)
    {
        var (model, ids) = SentencePieceFile.Read(File.ReadAllBytes(path));
        return SentencePiece(model, ids, form, decodes, isLowerCase: false, ([], [], []), ids.ContainsKey("<pad>") ? "<pad>" : null);
    }

    private static TextVocabulary SentencePiece(
        byte[] model, Dictionary<string, int> ids, TextForm form, bool decodes, bool isLowerCase,
        (ImmutableArray<string> First, ImmutableArray<string> Between, ImmutableArray<string> Last) around, string? pad)
    {
        using var stream = new MemoryStream(model);
        var tokenizer = SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false);
        return Of(tokenizer, ids, form, decodes, around.First, around.Between, around.Last, pad) with { Folds = form.IsLowerCase ?? isLowerCase };
    }

    private static TextVocabulary OfJson(TokenizerJson json, TextForm form, bool decodes)
    {
        // Nothing is put around a text that is read from ids.
        (ImmutableArray<string> First, ImmutableArray<string> Between, ImmutableArray<string> Last) around = ([], [], []);
        if (!decodes)
            around = json.Around;
        switch (json.Kind)
        {
            case "BPE":
                return BytePairs(new BpeOptions(json.Ids) { Merges = json.Merges }, json.Ids, form, decodes, json.Unknown, around, json.Pad);
            case "Unigram":
                return SentencePiece(SentencePieceWriter.Write(json), json.Ids, form, decodes, json.IsLowerCase, around, json.Pad);
            default:
                // A line is a token, and its number the id: ids without a token have lines that no text is.
                var lines = Enumerable.Range(0, json.Ids.Values.Max() + 1).Select(static id => $"\u0001{id}").ToArray();
                foreach (var (token, id) in json.Ids)
                    lines[id] = token;
                using (var vocabulary = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines))))
                    return WordPiece(vocabulary, json.Ids, form, decodes, json.Unknown ?? "[UNK]", json.IsLowerCase, around, json.Pad);
        }
    }

    private static Dictionary<string, int> Numbered(IEnumerable<string> lines)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var id = 0;
        foreach (var line in lines)
            ids.TryAdd(line.TrimEnd(), id++);
        return ids;
    }

    private static TextVocabulary Of(
        Tokenizer tokenizer, Dictionary<string, int> ids, TextForm form, bool decodes, ImmutableArray<string> first, ImmutableArray<string> between, ImmutableArray<string> last, string? pad)
    {
        return new TextVocabulary(tokenizer, Ids(form.First ?? first), Ids(form.Between ?? between), Ids(form.Last ?? last), (form.Pad ?? pad) is { } padding ? Id(padding) : 0, Folds: false)
        {
            Size = ids.Count == 0 ? 0 : ids.Values.Max() + 1, Skipped = ids.Where(static t => IsSpecial(t.Key)).Select(static t => t.Value).ToFrozenSet(),
        };

        ImmutableArray<int> Ids(ImmutableArray<string> tokens) => [.. tokens.Select(Id)];
        int Id(string token) => ids.TryGetValue(token, out var id) ? id
            : throw new ModelException($"the tokenizer's vocabulary of {ids.Count} tokens has no '{token}': {(decodes ? "name tokens of the file in \"skipped\", or leave that out" : "name the model's own in \"first\", \"between\", \"last\" or \"pad\"")}.");
    }
}
