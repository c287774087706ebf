using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>The files of a Function app: <c>host.json</c> and, as on a developer's machine, <c>local.settings.json</c>.</summary>
internal static class HostFiles
{
    /// <summary>Adds both below the environment, which overrides them, as does the command line.</summary>
    public static void Add(ConfigurationManager configuration, string folder, string[] args)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["urls"] = "http://127.0.0.1:7071",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        };
        Flatten(AppSettings.Host, Read(Path.Combine(folder, "host.json")), values);
        var local = Read(Path.Combine(folder, "local.settings.json"));
        if (local.ValueKind == JsonValueKind.Object && local.TryGetProperty("Values", out var settings))
        {
            foreach (var setting in settings.EnumerateObject())
                values[setting.Name.Replace("__", ":", StringComparison.Ordinal)] = setting.Value.ToString();
        }

        ((IConfigurationBuilder)configuration).Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = values });
        configuration.AddEnvironmentVariables().AddCommandLine(args);
    }

    private static JsonElement Read(string path)
    {
        if (!File.Exists(path))
            return default;
        using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        return document.RootElement.Clone();
    }

    private static void Flatten(string path, JsonElement element, Dictionary<string, string?> values)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Undefined:
                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                    Flatten($"{path}:{member.Name}", member.Value, values);
                break;
            case JsonValueKind.Array:
                var i = 0;
                foreach (var item in element.EnumerateArray())
                    Flatten($"{path}:{i++}", item, values);
                break;
            default:
                values[path] = element.ToString();
                break;
        }
    }
}
