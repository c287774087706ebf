using System.Text.Json;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>A value in a JSON file of others, which may hold more than is read; what is missing is one fault with its place.</summary>
internal readonly struct ImportJson
{
    private readonly JsonElement _element;
    private readonly string _file;
    private readonly string _path;

    private ImportJson(JsonElement element, string file, string path) => (_element, _file, _path) = (element, file, path);

    /// <summary>Number that this value is.</summary>
    public double Number => _element.ValueKind == JsonValueKind.Number && _element.TryGetDouble(out var number) ? number : throw Not("a number");

    /// <summary>Text that this value is.</summary>
    public string Text => _element.ValueKind == JsonValueKind.String ? _element.GetString()! : throw Not("a text");

    /// <summary>Items of the array that this value is.</summary>
    public IEnumerable<ImportJson> Items
    {
        get
        {
            if (_element.ValueKind != JsonValueKind.Array)
                throw Not("an array");
            var (file, path) = (_file, _path);
            return [.. _element.EnumerateArray().Select((e, i) => new ImportJson(e, file, $"{path}[{i}]"))];
        }
    }

    /// <summary>Members of the object that this value is.</summary>
    public IEnumerable<(string Name, ImportJson Value)> Members
    {
        get
        {
            if (_element.ValueKind != JsonValueKind.Object)
                throw Not("an object");
            var (file, path) = (_file, _path);
            return [.. _element.EnumerateObject().Select(p => (p.Name, new ImportJson(p.Value, file, $"{path}.{p.Name}")))];
        }
    }

    /// <summary>JSON text of this value.</summary>
    public string Raw => _element.GetRawText();

    /// <summary>Member of the object that this value is.</summary>
    /// <exception cref="ScenarioFormatException">There is none.</exception>
    public ImportJson this[string key]
    {
        get
        {
            var names = Members.Select(m => m.Name).ToArray();
            return _element.TryGetProperty(key, out var value)
                ? new ImportJson(value, _file, $"{_path}.{key}")
                : throw new ScenarioFormatException($"{_file} {_path}", $"there is no \"{key}\"", names.Length == 0 ? "no members" : string.Join(", ", names), "the file as its origin has it");
        }
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="ScenarioFormatException">It is no JSON.</exception>
    public static ImportJson Parse(ImportSource source, string path)
    {
        try
        {
            // Cloned, so that nothing is to be disposed of.
            using var document = JsonDocument.Parse(source.Text(path));
            return new ImportJson(document.RootElement.Clone(), path, "$");
        }
        catch (JsonException e)
        {
            throw new ScenarioFormatException($"{path} line {e.LineNumber + 1}", "not JSON", e.Message, "the file as its origin has it");
        }
    }

    private ScenarioFormatException Not(string kind) => new($"{_file} {_path}", $"not {kind}", _element.ValueKind.ToString(), kind);
}
