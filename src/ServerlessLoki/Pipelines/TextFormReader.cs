using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Reads an <c>input</c> of kind <c>text</c> in a pipeline file.</summary>
internal static class TextFormReader
{
    /// <summary>Its keys, beside <c>kind</c>.</summary>
    public static readonly string[] Keys = ["tokenizer", "lowerCase", "maxLength", "padTo", "first", "between", "last", "pad", "tensors"];

    private static readonly string[] Roles = ["ids", "mask", "types"];

    /// <summary>Reads the keys of a text input; keys that are missing keep the values of <paramref name="above"/>.</summary>
    public static TextForm Read(JsonValue value, TextForm? above)
    {
        var form = above ?? new TextForm();
        if (value.TryOptional("tokenizer", out var tokenizer))
            form = form with { Tokenizer = tokenizer.FilePath() ?? form.Tokenizer };
        else if (above is null)
            value.TryRequired("tokenizer", "path of vocab.txt, vocab.json or a SentencePiece model", out _);
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
        };
    }

    private static ImmutableArray<string>? Tokens(JsonValue value, string key) => value.TryOptional(key, out var tokens)
        ? [.. tokens.Items("an array of tokens, such as [\"[CLS]\"]").Select(static t => t.Text("a token")).OfType<string>()]
        : null;

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
