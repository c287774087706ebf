using System.Text.Json;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Files that Hugging Face's exports have next to the model, or in the parent of the folder <c>onnx</c>.</summary>
/// <param name="folder">Folder of the model.</param>
internal sealed class FilesBeside(string folder)
{
    private const int MaxBytes = 16 << 20;
    private readonly string[] _folders = Path.GetFileName(folder) == "onnx" && Path.GetDirectoryName(folder) is { } above ? [folder, above] : [folder];

    /// <summary>Files that exist and cannot be read as JSON.</summary>
    public List<Limit> Unreadable { get; } = [];

    /// <summary>Finds the full path of a file; null where it is missing.</summary>
    public string? Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (_folders.Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>Reads a JSON object; null where the file is missing or no such object.</summary>
    public JsonElement? Json(string name)
    {
        if (Find(name) is not { } path)
            return null;
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new JsonException($"it has more than {MaxBytes >> 20} MiB");
            using var document = JsonDocument.Parse(File.ReadAllText(path));
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new JsonException("it is no object");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            if (Unreadable.TrueForAll(u => !u.What.StartsWith(name, StringComparison.Ordinal)))
                Unreadable.Add(new Limit($"{name} is not used: {e.Message.TrimEnd('.')}", "bring the file of the original export, or take it away"));
            return null;
        }
    }

    /// <summary>Reads the lines of a text file without blank ones at its end; null where one is blank or the file cannot be read.</summary>
    public static string[]? Lines(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                return null;
            var lines = File.ReadAllText(path).TrimEnd().Split('\n', StringSplitOptions.TrimEntries);
            return Array.Exists(lines, string.IsNullOrEmpty) ? null : lines;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
