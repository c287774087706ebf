using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Reads an <c>input</c> of kind <c>text</c> in a pipeline file.</summary>
internal static class TextFormReader
{
    /// <summary>Its keys, beside <c>kind</c>.</summary>
    public static readonly string[] Keys = ["tokenizer", "lowerCase", "maxLength", "padTo", "first", "between", "last", "pad", "tensors", "texts"];

    private static readonly string[] Roles = ["ids", "mask", "types"];

    /// <summary>Reads the keys of a text input; keys that are missing keep the values of <paramref name="above"/>.</summary>
    public static TextForm Read(JsonValue value, TextForm? above)
    {
        var form = above ?? new TextForm();
        if (value.TryOptional("tokenizer", out var tokenizer))
            form = form with { Tokenizer = tokenizer.FilePath() ?? form.Tokenizer };
        else if (above is null)
            value.TryRequired("tokenizer", "path of tokenizer.json, vocab.txt, vocab.json or a SentencePiece model", out _);
        return form with
        {
            IsLowerCase = value.TryOptional("lowerCase", out var lower) ? lower.Flag() ?? form.IsLowerCase : form.IsLowerCase,
            MaxLength = value.TryOptional("maxLength", out var most) ? (int?)most.Integer(TextForm.LeastLength, TextForm.MostLength) ?? form.MaxLength : form.MaxLength,
            PadTo = value.TryOptional("padTo", out var pad) ? (int?)pad.Integer(1, TextForm.MostLength) ?? form.PadTo : form.PadTo,
            First = Tokens(value, "first") ?? form.First,
            Between = Tokens(value, "between") ?? form.Between,
            Last = Tokens(value, "last") ?? form.Last,
            Pad = value.TryOptional("pad", out var padding) ? padding.Text("a token") ?? form.Pad : form.Pad,
            Tensors = value.TryOptional("tensors", out var tensors) ? Names(tensors) : form.Tensors,
            Texts = value.TryOptional("texts", out var texts) ? Sources(texts) : form.Texts,
        };
    }

    private static ImmutableArray<string>? Tokens(JsonValue value, string key) => value.TryOptional(key, out var tokens)
        ? [.. tokens.Items("an array of tokens, such as [\"[CLS]\"]").Select(static t => t.Text("a token")).OfType<string>()]
        : null;

    private static ImmutableArray<string> Sources(JsonValue value)
    {
        const string Allowed = "one or two of \"input\", \"query\" and \"parameters.NAME\", \"input\" among them";
        ImmutableArray<string> sources = [.. value.Items(Allowed).Select(Source).OfType<string>()];
        if (sources.Length is not (1 or 2) || sources.Count(static s => s == TextForm.Arriving) != 1)
            value.Fault("a model gets what arrives, alone or in a pair", $"{sources.Length} texts, \"input\" {sources.Count(static s => s == TextForm.Arriving)} times", Allowed);
        return sources;
    }

    private static string? Source(JsonValue value) => value.RawText?.StartsWith(TextForm.ParameterPrefix, StringComparison.Ordinal) == true
        ? value.RawText
        : value.OneOf(TextForm.Arriving, TextForm.OwnText, TextForm.ParameterPrefix + "NAME");

    private static ImmutableSortedDictionary<string, string> Names(JsonValue value)
    {
        var names = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (!value.IsObjectWith(Roles))
            return names.ToImmutable();
        foreach (var (role, item) in value.Properties())
        {
            if (item.Text("the name of one of the model's inputs") is { } name)
                names[role] = name;
        }

        return names.ToImmutable();
    }
}
