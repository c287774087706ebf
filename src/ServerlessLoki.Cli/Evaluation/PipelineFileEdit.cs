using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Edit of the accuracies in the text of a pipeline file: nothing else changes, comments and layout stay.</summary>
internal static class PipelineFileEdit
{
    /// <summary>Puts measured accuracies in.</summary>
    /// <param name="json">Text of a valid pipeline file.</param>
    /// <param name="measured">By name of the variant: accuracy, 0..1, and how it was measured.</param>
    public static string Apply(string json, IReadOnlyDictionary<string, (double Accuracy, string Measured)> measured)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var edits = new List<(int From, int To, string Text)>();
        foreach (var variant in Variants(bytes))
        {
            if (variant.Name is null || !measured.TryGetValue(variant.Name, out var value) || variant.Accuracy is not { } accuracy)
                continue;
            var how = JsonSerializer.Serialize(value.Measured, Readable);
            edits.Add((accuracy.From, accuracy.To, value.Accuracy.ToString("0.####", CultureInfo.InvariantCulture) + (variant.Measured is null ? $", \"measured\": {how}" : "")));
            if (variant.Measured is { } known)
                edits.Add((known.From, known.To, how));
        }

        using var text = new MemoryStream(bytes.Length + 1024);
        var at = 0;
        foreach (var (from, to, replacement) in edits.OrderBy(static e => e.From))
        {
            text.Write(bytes.AsSpan(at, from - at));
            text.Write(Encoding.UTF8.GetBytes(replacement));
            at = to;
        }

        text.Write(bytes.AsSpan(at));
        return Encoding.UTF8.GetString(text.ToArray());
    }

    private static JsonSerializerOptions Readable { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Finds the values in <c>$.tasks[].variants[]</c>.</summary>
    private static List<Found> Variants(byte[] bytes)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var keys = new Stack<string>();
        var found = new List<Found>();
        var key = "";
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    key = reader.GetString()!;
                    continue;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    keys.Push(key);
                    if (reader.TokenType == JsonTokenType.StartObject && IsVariant(keys))
                        found.Add(new Found());
                    key = "";
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    keys.Pop();
                    continue;
            }

            if (!IsVariant(keys))
                continue;
            var (from, to) = ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
            if (key == "name" && reader.TokenType == JsonTokenType.String)
                found[^1].Name = reader.GetString();
            else if (key == "accuracy")
                found[^1].Accuracy = (from, to);
            else if (key == "measured")
                found[^1].Measured = (from, to);
        }

        return found;
    }

    /// <summary>Tests for an object of <c>variants</c> in one of <c>tasks</c>.</summary>
    private static bool IsVariant(Stack<string> keys) => keys.Count == 5 && keys.ElementAt(1) == "variants" && keys.ElementAt(3) == "tasks";

    private sealed class Found
    {
        public string? Name { get; set; }

        public (int From, int To)? Accuracy { get; set; }

        public (int From, int To)? Measured { get; set; }
    }
}
