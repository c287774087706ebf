using System.Text;
using System.Text.Json;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Helpers for reading JSON that record a fault instead of throwing.</summary>
internal static class JsonText
{
    /// <summary>Moves to the name of the next property that has a value; false at the end of the object.</summary>
    /// <remarks>Clients that serialize their own types write <c>null</c> for what was not set: such a member counts as absent.</remarks>
    public static bool NextProperty(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var value = reader;
            if (!value.Read() || value.TokenType != JsonTokenType.Null)
                return true;
            reader = value;
        }

        return false;
    }

    public static bool IsObject(ref Utf8JsonReader reader, FaultList faults, string path) =>
        Is(ref reader, JsonTokenType.StartObject, faults, path, "an object");

    public static bool IsArray(ref Utf8JsonReader reader, FaultList faults, string path) =>
        Is(ref reader, JsonTokenType.StartArray, faults, path, "an array");

    /// <summary>Reads a string of 1..<paramref name="most"/> characters.</summary>
    public static string? ReadName(ref Utf8JsonReader reader, FaultList faults, string path, int most)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            faults.Add(path, $"found {Found(ref reader)}, expected a string");
            reader.Skip();
            return null;
        }

        // Six bytes is the longest escape of one character.
        var text = reader.ValueSpan.Length <= 6 * most ? reader.GetString()! : null;
        if (text is { Length: > 0 } && text.Length <= most)
            return text;
        faults.Add(path, $"must have 1 to {most} characters");
        return null;
    }

    /// <summary>Reads a string like <see cref="ReadName"/>; an empty string counts as absent.</summary>
    public static string? ReadOptionalName(ref Utf8JsonReader reader, FaultList faults, string path, int most) =>
        reader.TokenType == JsonTokenType.String && reader.ValueSpan.IsEmpty ? null : ReadName(ref reader, faults, path, most);

    public static bool? ReadBool(ref Utf8JsonReader reader, FaultList faults, string path)
    {
        if (reader.TokenType is JsonTokenType.True or JsonTokenType.False)
            return reader.GetBoolean();
        faults.Add(path, $"found {Found(ref reader)}, expected true or false");
        reader.Skip();
        return null;
    }

    public static double? ReadNumber(
        ref Utf8JsonReader reader, FaultList faults, string path, double least, double most, string unit, bool whole = false)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) && value >= least && value <= most
            && (!whole || value == Math.Floor(value)))
        {
            return value;
        }

        faults.Add(path, $"found {Found(ref reader)}, expected {(whole ? "an integer" : "a number")} from {least} to {most} ({unit})");
        reader.Skip();
        return null;
    }

    /// <summary>Returns the current token for an error text: short, and safe to show.</summary>
    public static string Found(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.Number or JsonTokenType.String))
            return Kind(reader.TokenType);
        var span = reader.ValueSpan;
        var text = Encoding.UTF8.GetString(span.Length > 32 ? span[..32] : span) + (span.Length > 32 ? "…" : "");
        return reader.TokenType == JsonTokenType.String ? $"\"{text}\"" : text;
    }

    public static string Kind(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.EndArray => "the end of the array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Null => "null",
        _ => "nothing",
    };

    private static bool Is(ref Utf8JsonReader reader, JsonTokenType token, FaultList faults, string path, string expected)
    {
        if (reader.TokenType == token)
            return true;
        faults.Add(path, $"found {Found(ref reader)}, expected {expected}");
        reader.Skip();
        return false;
    }
}
