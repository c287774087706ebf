using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Settings;

/// <summary>App settings: the environment, completed by local.settings.json.</summary>
internal sealed partial class AppSettings(IConfiguration configuration)
{
    public const string LocalFile = "local.settings.json";

    public IConfiguration Configuration { get; } = configuration;

    public string? this[string name] => Configuration[name] is { Length: > 0 } value ? value : null;

    /// <summary>Adds the values of local.settings.json to this process's environment, where they are not set; the worker inherits
    /// it.</summary>
    /// <exception cref="SettingsException">The file cannot be read.</exception>
    public static AppSettings Load(string app)
    {
        var file = Path.Combine(app, LocalFile);
        if (File.Exists(file))
        {
            foreach (var (name, value) in ReadLocal(file))
            {
                if (Environment.GetEnvironmentVariable(name) is null)
                    Environment.SetEnvironmentVariable(name, value);
            }
        }

        return new AppSettings(new ConfigurationBuilder().AddEnvironmentVariables().Build());
    }

    /// <summary>Replaces each <c>%name%</c> by the setting of that name.</summary>
    /// <exception cref="SettingsException">There is no such setting.</exception>
    public string Resolve(string text) => Reference().Replace(text, match =>
        this[match.Groups["name"].Value] ?? throw new SettingsException($"'{text}' names the app setting '{match.Groups["name"].Value}', which is not set; set it in the environment or in {LocalFile}"));

    /// <summary>Tests whether the setting <c>AzureWebJobs.NAME.Disabled</c> is on.</summary>
    public bool IsDisabled(string function) => this[$"AzureWebJobs.{function}.Disabled"] is { } value && (value == "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase));

    private static Dictionary<string, string> ReadLocal(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            if (document.RootElement.TryGetProperty("IsEncrypted", out var encrypted) && encrypted.ValueKind == JsonValueKind.True)
                throw new SettingsException($"{file}: IsEncrypted is true; this host reads plain values only: run 'func settings decrypt', or set it to false with plain values");
            return document.RootElement.TryGetProperty("Values", out var values)
                ? values.EnumerateObject().ToDictionary(static p => p.Name, static p => p.Value.ToString(), StringComparer.Ordinal)
                : [];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new SettingsException($"{file} is not a settings file: {exception.Message}; it is JSON with an object 'Values' of names and texts");
        }
    }

    [GeneratedRegex("%(?<name>[^%]+)%", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();
}
