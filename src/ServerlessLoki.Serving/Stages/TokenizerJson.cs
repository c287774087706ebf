using System.Collections.Immutable;
using System.Text.Json;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Hugging Face's <c>tokenizer.json</c>: vocabulary and rules of one file, as far as they are those of a known kind.</summary>
internal sealed record TokenizerJson
{
    private const int MostBytes = 64 << 20;

    /// <summary>Kind of the model: <c>WordPiece</c>, <c>BPE</c> or <c>Unigram</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Ids by token, added tokens included.</summary>
    public required Dictionary<string, int> Ids { get; init; }

    /// <summary>Logarithms of probability by token, of Unigram; empty for others.</summary>
    public Dictionary<string, double> Scores { get; init; } = [];

    /// <summary>Pairs that are merged, the first one first, of BPE; empty for others.</summary>
    public ImmutableArray<string> Merges { get; init; } = [];

    /// <summary>Tokens that stand for no text.</summary>
    public ImmutableArray<string> Specials { get; init; } = [];

    /// <summary>Token of what has no other; null = there is none.</summary>
    public string? Unknown { get; init; }

    /// <summary>True where texts are put into lower case and lose their accents.</summary>
    public bool IsLowerCase { get; init; }

    /// <summary>True where a blank is put before the text.</summary>
    public bool HasPrefix { get; init; }

    /// <summary>SentencePiece's compiled map of characters; empty = none.</summary>
    public byte[] CharacterMap { get; init; } = [];

    /// <summary>Special tokens before the text, between two, and behind.</summary>
    public (ImmutableArray<string> First, ImmutableArray<string> Between, ImmutableArray<string> Last) Around { get; init; } = ([], [], []);

    /// <summary>Token of padding; null = there is none.</summary>
    public string? Pad { get; init; }

    /// <summary>Reads a file.</summary>
    /// <returns>Null for JSON of another kind, such as a <c>vocab.json</c>.</returns>
    /// <exception cref="ModelException">The tokenizer's rules are not supported; says which.</exception>
    public static TokenizerJson? Read(string path)
    {
        if (new FileInfo(path).Length > MostBytes)
            throw new ModelException($"tokenizer '{path}' has more than {MostBytes >> 20} MB.");
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("model", out var model) && model.ValueKind == JsonValueKind.Object
            ? Of(root, model) : null;
    }

    private static TokenizerJson Of(JsonElement root, JsonElement model)
    {
        var kind = Text(model, "type") ?? (model.TryGetProperty("merges", out _) ? "BPE" : "WordPiece");
        var added = root.TryGetProperty("added_tokens", out var tokens) && tokens.ValueKind == JsonValueKind.Array ? tokens.EnumerateArray().ToList() : [];
        var (ids, scores) = Vocabulary(model, kind);
        foreach (var token in added)
        {
            if (Text(token, "content") is { } content && token.TryGetProperty("id", out var id) && id.TryGetInt32(out var number))
                ids.TryAdd(content, number);
        }

        if (ids.Count == 0 || ids.Values.Min() < 0 || ids.Values.Max() > 16 * ids.Count + 100_000)
            throw new ModelException($"its vocabulary has {ids.Count} tokens with ids of {(ids.Count == 0 ? "none" : $"{ids.Values.Min()} to {ids.Values.Max()}")}.");
        var rules = TokenizerRules.Of(root, model, kind);
        return new TokenizerJson
        {
            Kind = kind, Ids = ids, Scores = scores, Merges = kind == "BPE" ? Pairs(model) : [],
            Specials = [.. added.Where(static t => t.TryGetProperty("special", out var s) && s.ValueKind == JsonValueKind.True).Select(static t => Text(t, "content")).OfType<string>()],
            Unknown = kind == "Unigram" ? UnknownOf(model, ids) : Text(model, "unk_token"),
            IsLowerCase = rules.IsLowerCase, HasPrefix = rules.HasPrefix, CharacterMap = rules.CharacterMap, Around = SpecialTokens.Of(root),
            Pad = root.TryGetProperty("padding", out var padding) && padding.ValueKind == JsonValueKind.Object ? Text(padding, "pad_token")
                : ids.ContainsKey("[PAD]") ? "[PAD]" : ids.ContainsKey("<pad>") ? "<pad>" : null,
        };
    }

    private static (Dictionary<string, int> Ids, Dictionary<string, double> Scores) Vocabulary(JsonElement model, string kind)
    {
        var (ids, scores) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, double>(StringComparer.Ordinal));
        var vocabulary = model.TryGetProperty("vocab", out var found) ? found : default;
        if (kind == "Unigram" && vocabulary.ValueKind == JsonValueKind.Array)
        {
            foreach (var (id, piece) in vocabulary.EnumerateArray().Index())
            {
                if (piece.GetArrayLength() != 2 || !ids.TryAdd(piece[0].GetString()!, id))
                    throw new ModelException($"piece {id} of its vocabulary is no [text, score], or is there twice.");
                scores.Add(piece[0].GetString()!, piece[1].GetDouble());
            }
        }
        else if (kind is "WordPiece" or "BPE" && vocabulary.ValueKind == JsonValueKind.Object)
        {
            foreach (var token in vocabulary.EnumerateObject())
                ids[token.Name] = token.Value.GetInt32();
        }
        else
        {
            throw new ModelException($"its model is {kind}, with a vocabulary of kind {vocabulary.ValueKind}; WordPiece, BPE and Unigram are read.");
        }

        return (ids, scores);
    }

    private static ImmutableArray<string> Pairs(JsonElement model) => !model.TryGetProperty("merges", out var merges) ? []
        : [.. merges.EnumerateArray().Select(static m => m.ValueKind == JsonValueKind.Array ? $"{m[0].GetString()} {m[1].GetString()}" : m.GetString()!)];

    private static string? UnknownOf(JsonElement model, Dictionary<string, int> ids) =>
        model.TryGetProperty("unk_id", out var unknown) && unknown.TryGetInt32(out var id) ? ids.FirstOrDefault(t => t.Value == id).Key : null;

    internal static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
