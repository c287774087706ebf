using System.Text.Json;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Rules of a <c>tokenizer.json</c> about a text before it is looked up. What is not supported is refused: other tokens would come out.</summary>
/// <param name="IsLowerCase">True where texts are put into lower case and lose their accents.</param>
/// <param name="HasPrefix">True where a blank is put before the text.</param>
/// <param name="CharacterMap">SentencePiece's compiled map of characters; empty = none.</param>
internal sealed record TokenizerRules(bool IsLowerCase, bool HasPrefix, byte[] CharacterMap)
{
    public static TokenizerRules Of(JsonElement root, JsonElement model, string kind)
    {
        var (normalizers, splitters) = (Steps(root, "normalizer", "normalizers"), Steps(root, "pre_tokenizer", "pretokenizers"));
        return kind switch
        {
            "WordPiece" => WordPiece(model, normalizers, splitters),
            "BPE" => BytePairs(normalizers, splitters),
            _ => Unigram(normalizers, splitters),
        };
    }

    private static TokenizerRules WordPiece(JsonElement model, List<JsonElement> normalizers, List<JsonElement> splitters)
    {
        if (TokenizerJson.Text(model, "continuing_subword_prefix") is not (null or "##"))
            throw new ModelException($"its word pieces go on with '{TokenizerJson.Text(model, "continuing_subword_prefix")}'; \"##\" is supported.");
        Require(normalizers, "normalizer", "BertNormalizer", "Lowercase", "StripAccents", "NFD");
        Require(splitters, "pre_tokenizer", "BertPreTokenizer");
        var isLower = normalizers.Any(static n => Type(n) == "Lowercase" || Flag(n, "lowercase") == true);
        // BERT's normaliser strips accents where it puts into lower case, unless it is told.
        var strips = normalizers.Any(static n => Type(n) == "StripAccents" || (Type(n) == "BertNormalizer" && (Flag(n, "strip_accents") ?? Flag(n, "lowercase") == true)));
        return isLower != strips ? throw new ModelException("its normalizer puts texts into lower case and keeps their accents, or strips accents and keeps the case; both or neither is supported.") : new(isLower, HasPrefix: false, []);
    }

    private static TokenizerRules BytePairs(List<JsonElement> normalizers, List<JsonElement> splitters)
    {
        Require(normalizers, "normalizer");
        Require(splitters, "pre_tokenizer", "ByteLevel");
        if (splitters.Count != 1 || Flag(splitters[0], "use_regex") == false)
            throw new ModelException("its byte pairs are not split as GPT-2's are (pre_tokenizer ByteLevel): Llama's and Qwen's rules are not supported.");
        return Flag(splitters[0], "add_prefix_space") == true
            ? throw new ModelException("its pre_tokenizer puts a blank before the text (add_prefix_space); without one is supported.") : new(IsLowerCase: false, HasPrefix: false, []);
    }

    private static TokenizerRules Unigram(List<JsonElement> normalizers, List<JsonElement> splitters)
    {
        Require(normalizers, "normalizer", "Precompiled", "Replace", "Strip", "Lowercase", "StripAccents", "NFKD");
        Require(splitters, "pre_tokenizer", "WhitespaceSplit", "Metaspace");
        foreach (var replace in normalizers.Where(static n => Type(n) == "Replace"))
        {
            var pattern = replace.TryGetProperty("pattern", out var found) ? TokenizerJson.Text(found, "Regex") ?? TokenizerJson.Text(found, "String") : null;
            // Several blanks become one anyway; ALBERT's quotation marks are those of old corpora.
            if (pattern is not (" {2,}" or "``" or "''"))
                throw new ModelException($"its normalizer replaces '{pattern}', which is not supported.");
        }

        var meta = splitters.FirstOrDefault(static s => Type(s) == "Metaspace");
        var prefix = meta.ValueKind != JsonValueKind.Object || (TokenizerJson.Text(meta, "prepend_scheme") ?? (Flag(meta, "add_prefix_space") == false ? "never" : "always")) != "never";
        var map = normalizers.Select(static n => TokenizerJson.Text(n, "precompiled_charsmap")).FirstOrDefault(static m => m is { Length: > 0 });
        var isLower = normalizers.Any(static n => Type(n) is "Lowercase");
        if (isLower != normalizers.Any(static n => Type(n) is "StripAccents"))
            throw new ModelException("its normalizer puts texts into lower case and keeps their accents, or strips accents and keeps the case; both or neither is supported.");
        return new(isLower, prefix, map is null ? [] : Convert.FromBase64String(map));
    }

    private static void Require(List<JsonElement> steps, string name, params string[] known)
    {
        if (steps.Find(s => !known.Contains(Type(s), StringComparer.Ordinal)) is { ValueKind: JsonValueKind.Object } other)
            throw new ModelException($"its {name} has the step {Type(other)}; supported are {(known.Length == 0 ? "none" : string.Join(", ", known))}.");
    }

    private static List<JsonElement> Steps(JsonElement root, string name, string several)
    {
        if (!root.TryGetProperty(name, out var step) || step.ValueKind != JsonValueKind.Object)
            return [];
        return Type(step) == "Sequence" && step.TryGetProperty(several, out var steps) ? [.. steps.EnumerateArray()] : [step];
    }

    private static string? Type(JsonElement step) => TokenizerJson.Text(step, "type");

    private static bool? Flag(JsonElement step, string name) =>
        step.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;
}
