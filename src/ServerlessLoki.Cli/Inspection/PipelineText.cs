using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>JSON in the usual layout of pipeline files: lists of numbers and of texts on one line.</summary>
internal static class PipelineText
{
    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the text of a file.</summary>
    public static string Of(JsonObject root)
    {
        var text = new StringBuilder();
        Write(text, root, 0);
        return text.Append('\n').ToString();
    }

    private static void Write(StringBuilder text, JsonNode? node, int depth)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } members:
                Lines(text, '{', '}', depth, members, static (t, m, d) =>
                {
                    t.Append(Value(JsonValue.Create(m.Key))).Append(": ");
                    Write(t, m.Value, d);
                });
                break;
            case JsonArray items when items.Any(static i => i is JsonObject):
                Lines(text, '[', ']', depth, items, Write);
                break;
            case JsonArray items:
                text.Append('[').AppendJoin(", ", items.Select(static i => Value(i))).Append(']');
                break;
            default:
                text.Append(Value(node));
                break;
        }
    }

    private static void Lines<T>(StringBuilder text, char open, char close, int depth, IEnumerable<T> items, Action<StringBuilder, T, int> write)
    {
        text.Append(open);
        var separator = "";
        foreach (var item in items)
        {
            text.Append(separator).Append('\n').Append(' ', 2 * (depth + 1));
            write(text, item, depth + 1);
            separator = ",";
        }

        text.Append('\n').Append(' ', 2 * depth).Append(close);
    }

    private static string Value(JsonNode? node) => node?.ToJsonString(s_options) ?? "null";
}
