using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Common state of all readers of one scenario: its faults and the files that it names.</summary>
internal sealed class ScenarioSource(Func<string, string> readText)
{
    public FaultList Faults { get; } = new();

    /// <summary>Reads the file that a value names; null after a fault.</summary>
    public string? Text(JsonValue path)
    {
        if (path.Text("path of a file") is not { } name)
            return null;
        try
        {
            return readText(name);
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
