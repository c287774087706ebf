using System.Globalization;
using System.Text.Json;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Access to members of JSON objects that may be missing or of another type.</summary>
internal static class JsonMembers
{
    /// <summary>Reads a text; null for anything else.</summary>
    public static string? Text(this JsonElement? element, string name) =>
        element?.TryGetProperty(name, out var value) == true && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Reads true or false; null for anything else.</summary>
    public static bool? Flag(this JsonElement? element, string name) =>
        element?.TryGetProperty(name, out var value) == true && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;

    /// <summary>Reads a number; null for anything else.</summary>
    public static double? Number(this JsonElement? element, string name) =>
        element?.TryGetProperty(name, out var value) == true && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    /// <summary>Reads an array of numbers; null for anything else.</summary>
    public static double[]? Numbers(this JsonElement? element, string name) =>
        element?.TryGetProperty(name, out var value) == true && value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(static v => v.ValueKind == JsonValueKind.Number)
            ? [.. value.EnumerateArray().Select(static v => v.GetDouble())] : null;

    /// <summary>Reads the texts of an array, or of the members of an object whose names are 0, 1, 2, …; empty for anything else.</summary>
    public static string[] Texts(this JsonElement? element, string name)
    {
        if (element?.TryGetProperty(name, out var value) != true)
            return [];
        if (value.ValueKind == JsonValueKind.Array)
            return value.EnumerateArray().All(static v => v.ValueKind == JsonValueKind.String) ? [.. value.EnumerateArray().Select(static v => v.GetString()!)] : [];
        if (value.ValueKind != JsonValueKind.Object)
            return [];
        var texts = new SortedDictionary<int, string>();
        foreach (var member in value.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.String || !int.TryParse(member.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return [];
            texts[number] = member.Value.GetString()!;
        }

        return texts.Keys.SequenceEqual(Enumerable.Range(0, texts.Count)) ? [.. texts.Values] : [];
    }

    /// <summary>Reads an object; null for anything else.</summary>
    public static JsonElement? Object(this JsonElement? element, string name) =>
        element?.TryGetProperty(name, out var value) == true && value.ValueKind == JsonValueKind.Object ? value : null;
}
