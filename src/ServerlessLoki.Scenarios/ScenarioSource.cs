using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Common state of all readers of one scenario: its faults and the files that it names.</summary>
/// <param name="readText">Reads a small file whole.</param>
/// <param name="open">Opens a file of any size; null = <paramref name="readText"/>.</param>
internal sealed class ScenarioSource(Func<string, string> readText, Func<string, TextReader>? open = null)
{
    public FaultList Faults { get; } = new();

    /// <summary>Reads the file that a value names; null after a fault.</summary>
    public string? Text(JsonValue path) => Read(path, readText);

    /// <summary>Reads the CSV file that a value names row by row; null after a fault.</summary>
    public T? Csv<T>(JsonValue path, Func<CsvRows, T?> read)
        where T : class => Read(path, name =>
    {
        using var rows = CsvRows.Open(open?.Invoke(name) ?? new StringReader(readText(name)), name, Faults);
        return rows is null ? null : read(rows);
    });

    private static T? Read<T>(JsonValue path, Func<string, T?> read)
        where T : class
    {
        if (path.Text("path of a file") is not { } name)
            return null;
        try
        {
            return read(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            path.Fault("the file cannot be read: " + e.Message, $"\"{name}\"", "path of a readable file, relative to the scenario file");
            return null;
        }
    }

    /// <summary>Reads the items of an array that must not be empty.</summary>
    public static IReadOnlyList<JsonValue> NotEmpty(JsonValue value, string allowed)
    {
        var items = value.Items(allowed);
        if (items.Count == 0 && value.IsArray)
            value.Fault("the array is empty", null, allowed);
        return items;
    }
}
