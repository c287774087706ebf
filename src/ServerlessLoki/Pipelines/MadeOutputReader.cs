using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Reads the settings of an <c>output</c> whose tensors are computed from the model's outputs.</summary>
internal static class MadeOutputReader
{
    private const double MostLogit = 1000;

    /// <summary>Returns the output with the settings of its kind.</summary>
    public static TaskOutput Read(JsonValue value, TaskOutput output) => output.Kind switch
    {
        TaskOutputKind.Embedding => output with { Embedding = Embedding(value) },
        TaskOutputKind.Text => output with { Text = Text(value) },
        TaskOutputKind.Answer => output with { Answer = Answer(value) },
        _ => output,
    };

    private static EmbeddingForm Embedding(JsonValue value) => new()
    {
        Decoder = Decoder(value),
        Pooling = value.TryOptional("pooling", out var pooling) ? pooling.OneOf("mean", "cls", "max") switch
        {
            "cls" => Pooling.Cls,
            "max" => Pooling.Max,
            _ => Pooling.Mean,
        }
        : Pooling.Mean,
        IsNormalised = !value.TryOptional("normalise", out var normalise) || normalise.Flag() != false,
    };

    private static TextResultForm Text(JsonValue value)
    {
        var form = new TextResultForm
        {
            Decoder = Decoder(value),
            Dictionary = value.TryOptional("dictionary", out var dictionary) ? dictionary.FilePath() : null,
            IsBlankLast = value.TryOptional("blank", out var blank) && blank.OneOf("first", "last") == "last",
            HasSpace = value.TryOptional("space", out var space) && space.Flag() == true,
            Tokenizer = value.TryOptional("tokenizer", out var tokenizer) ? tokenizer.FilePath() : null,
            Skipped = value.TryOptional("skipped", out var skipped)
                ? [.. skipped.Items("an array of tokens, such as [\"</s>\"]").Select(static t => t.Text("a token")).OfType<string>()] : null,
        };
        if (value.TryOptional("dictionary", out _) && value.TryOptional("tokenizer", out tokenizer))
            tokenizer.Fault("a text is read by a dictionary or by a tokenizer", null, "\"dictionary\" for characters (ctc), \"tokenizer\" for token ids, not both");
        else if (form.Decoder is null && !value.TryOptional("dictionary", out _) && !value.TryOptional("tokenizer", out _))
            value.Fault("nothing says what the values stand for", null, "\"dictionary\" for characters (ctc), or \"tokenizer\" for token ids");
        return form;
    }

    private static SpanForm Answer(JsonValue value) => new()
    {
        Decoder = Decoder(value),
        Tensors = value.TryOptional("tensors", out var tensors) ? TaskOutputReader.Tensors(tensors) : ImmutableSortedDictionary<string, string>.Empty,
        MaxTokens = value.TryOptional("maxAnswer", out var most) ? (int?)most.Integer(1, TextForm.MostLength) ?? 30 : 30,
        EmptyAbove = value.TryOptional("emptyAbove", out var above) ? above.Number(-MostLogit, MostLogit) : null,
    };

    private static string? Decoder(JsonValue value) => value.TryOptional("decoder", out var decoder) ? decoder.Text("a decoder's name") : null;
}
