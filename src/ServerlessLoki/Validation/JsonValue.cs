using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace ServerlessLoki.Validation;

/// <summary>Place in a JSON document that reports every fault instead of throwing at the first.</summary>
/// <remarks>Getters return null (or empty) after they reported a fault, so that reading goes on.</remarks>
internal readonly struct JsonValue
{
    private readonly JsonElement _element;
    private readonly FaultList _faults;

    private JsonValue(JsonElement element, string path, FaultList faults)
    {
        _element = element;
        Path = path;
        _faults = faults;
    }

    public string Path { get; }

    public bool IsString => _element.ValueKind == JsonValueKind.String;

    public bool IsObject => _element.ValueKind == JsonValueKind.Object;

    public bool IsArray => _element.ValueKind == JsonValueKind.Array;

    /// <summary>Text of the value, unchecked; null when the value is no text.</summary>
    public string? RawText => IsString ? _element.GetString() : null;

    /// <summary>Parses a text; null after a syntax fault. Comments and trailing commas are allowed, as in editors' JSON modes.</summary>
    public static JsonValue? Parse(string json, FaultList faults, string prefix = "")
    {
        try
        {
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            using var document = JsonDocument.Parse(json, options);
            return new JsonValue(document.RootElement.Clone(), prefix + "$", faults);
        }
        catch (JsonException e)
        {
            var message = e.Message;
            var cut = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            faults.Add(
                $"{prefix}line {(e.LineNumber ?? 0) + 1}, column {(e.BytePositionInLine ?? 0) + 1}",
                "not valid JSON: " + (cut < 0 ? message : message[..cut]).TrimEnd('.'));
            return null;
        }
    }

    public void Fault(string message, string? found = null, string? allowed = null) => _faults.Add(Path, message, found, allowed);

    /// <summary>Checks that the value is an object with these keys only, none twice.</summary>
    public bool IsObjectWith(params ReadOnlySpan<string> keys)
    {
        if (!Expect(JsonValueKind.Object, "an object"))
            return false;
        var known = keys.ToArray();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in _element.EnumerateObject())
        {
            if (!known.Contains(property.Name))
                _faults.Add($"{Path}.{property.Name}", "unknown key", Quote(property.Name), Names.Allowed(property.Name, known));
            if (!seen.Add(property.Name))
                _faults.Add($"{Path}.{property.Name}", "the key stands twice in one object");
        }

        return true;
    }

    /// <summary>Gets the value of a key; reports a fault where it is missing.</summary>
    public bool TryRequired(string key, string allowed, out JsonValue value)
    {
        if (TryOptional(key, out value))
            return true;
        if (IsObject)
            _faults.Add($"{Path}.{key}", "the key is missing", allowed: allowed);
        return false;
    }

    /// <summary>Gets the value of a key, if it is there.</summary>
    public bool TryOptional(string key, out JsonValue value)
    {
        if (IsObject && _element.TryGetProperty(key, out var element))
        {
            value = new JsonValue(element, $"{Path}.{key}", _faults);
            return true;
        }

        value = default;
        return false;
    }

    public IEnumerable<(string Key, JsonValue Value)> Properties()
    {
        if (!IsObject)
            yield break;
        foreach (var property in _element.EnumerateObject())
            yield return (property.Name, new JsonValue(property.Value, $"{Path}.{property.Name}", _faults));
    }

    public IReadOnlyList<JsonValue> Items(string allowed)
    {
        if (!Expect(JsonValueKind.Array, allowed))
            return [];
        var items = new List<JsonValue>();
        foreach (var element in _element.EnumerateArray())
            items.Add(new JsonValue(element, $"{Path}[{items.Count}]", _faults));
        return items;
    }

    /// <summary>Reads a text that is not blank.</summary>
    public string? Text(string allowed = "a text that is not empty")
    {
        if (!Expect(JsonValueKind.String, allowed))
            return null;
        var text = _element.GetString()!;
        if (!string.IsNullOrWhiteSpace(text))
            return text;
        Fault("the text is empty", Quote(text), allowed);
        return null;
    }

    /// <summary>Reads the path of a file.</summary>
    public string? FilePath()
    {
        var path = Text("path of a file");
        if (path?.Contains('\0', StringComparison.Ordinal) != true)
            return path;
        Fault("the path holds a NUL character, which no file's name can", null, "path of a file");
        return null;
    }

    /// <summary>Reads one of the given texts.</summary>
    public string? OneOf(params ReadOnlySpan<string> choices)
    {
        var known = choices.ToArray();
        var text = Text(string.Join(", ", known));
        if (text is null || known.Contains(text))
            return text;
        Fault("unknown value", Quote(text), Names.Allowed(text, known));
        return null;
    }

    public double? Number(double least, double most)
    {
        var allowed = Range(least, most);
        if (!Expect(JsonValueKind.Number, $"a number {allowed}"))
            return null;
        if (_element.TryGetDouble(out var number) && number >= least && number <= most)
            return number;
        Fault("the number is out of range", _element.GetRawText(), allowed);
        return null;
    }

    public long? Integer(long least, long most)
    {
        var allowed = $"a whole number {Range(least, most)}";
        if (!Expect(JsonValueKind.Number, allowed))
            return null;
        if (_element.TryGetInt64(out var number) && number >= least && number <= most)
            return number;
        Fault("not a whole number in range", _element.GetRawText(), allowed);
        return null;
    }

    public bool? Flag()
    {
        if (_element.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return _element.GetBoolean();
        Expect(JsonValueKind.True, "true or false");
        return null;
    }

    private bool Expect(JsonValueKind kind, string allowed)
    {
        if (_element.ValueKind == kind)
            return true;
        Fault("wrong type", Describe(), allowed);
        return false;
    }

    [SuppressMessage("Globalization", "CA1308", Justification = "JSON spells its literals in lower case.")]
    private string Describe() => _element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => $"an array of {_element.GetArrayLength()}",
        JsonValueKind.String => Quote(_element.GetString()!),
        JsonValueKind.Number => _element.GetRawText(),
        _ => _element.ValueKind.ToString().ToLowerInvariant(),
    };

    private static string Range(double least, double most) => double.IsPositiveInfinity(most) ? $"of at least {least}" : $"from {least} to {most}";

    private static string Quote(string text) => text.Length <= 60 ? $"\"{text}\"" : $"\"{text[..57]}...\"";
}
