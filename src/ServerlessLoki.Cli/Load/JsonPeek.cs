using System.Text.Json;

namespace ServerlessLoki.Cli.Load;

/// <summary>Access to a server's JSON in any spelling of names: <c>sloMs</c> finds <c>slo_ms</c> too.</summary>
internal static class JsonPeek
{
    /// <summary>Finds a property; null when there is none.</summary>
    public static JsonElement? Find(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var property in element.EnumerateObject())
        {
            if (string.Equals(property.Name.Replace("_", string.Empty, StringComparison.Ordinal), name, StringComparison.OrdinalIgnoreCase))
                return property.Value;
        }

        return null;
    }

    /// <summary>Reads a string; null when there is none.</summary>
    public static string? Text(JsonElement element, string name) =>
        Find(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>Reads a number; null when there is none.</summary>
    public static double? Number(JsonElement element, string name) =>
        Find(element, name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;
}
