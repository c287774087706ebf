using System.Text.Json;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Functions;

/// <summary>Binding of a function, as the worker describes it.</summary>
internal sealed class FunctionBinding(JsonElement json)
{
    public string Name { get; } = json.GetProperty("name").GetString()!;

    public string Type { get; } = json.GetProperty("type").GetString()!;

    public bool IsTrigger => Type.EndsWith("Trigger", StringComparison.OrdinalIgnoreCase);

    /// <summary>True if the worker makes an object of an SDK from the data itself.</summary>
    public bool IsDeferred =>
        json.TryGetProperty("properties", out var properties) && properties.TryGetProperty("supportsDeferredBinding", out var value) && bool.TryParse(value.ToString(), out var deferred) && deferred;

    public bool Is(string type) => Type.Equals(type, StringComparison.OrdinalIgnoreCase);

    public string? Text(string property) => json.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public bool? Flag(string property) => json.TryGetProperty(property, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;

    public IReadOnlyList<string> Texts(string property) =>
        json.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(static v => v.GetString()!)] : [];
}
