using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>App settings, and host.json under <see cref="Host"/>, as the platform names it for overrides.</summary>
internal sealed partial class AppSettings(IConfiguration configuration)
{
    public const string Host = "AzureFunctionsJobHost";

    public string? Find(string key) => configuration[key];

    /// <summary>A value of host.json, for example <c>extensions:http:routePrefix</c>.</summary>
    public string? OfHost(string path) => configuration[$"{Host}:{path}"] is { } value ? Resolve(value) : null;

    public IReadOnlyList<string> ListOfHost(string path) =>
        [.. configuration.GetSection($"{Host}:{path}").GetChildren().Select(c => c.Value).OfType<string>()];

    /// <summary>Puts app settings in for <c>%NAME%</c>.</summary>
    /// <exception cref="InvalidOperationException">A setting is missing.</exception>
    public string Resolve(string text) => Setting().Replace(text, match =>
        configuration[match.Groups["name"].Value.Replace("__", ":", StringComparison.Ordinal)]
        ?? throw new InvalidOperationException($"'{text}' names the app setting '{match.Groups["name"].Value}', which is not set."));

    /// <summary>A connection: the setting of that name, or of its section.</summary>
    public string Connection(string name) =>
        configuration[name] is { Length: > 0 } text ? text
        : configuration[$"ConnectionStrings:{name}"] is { Length: > 0 } named ? named
        : throw new InvalidOperationException($"The connection '{name}' is not set; this host takes connection strings only.");

    [GeneratedRegex("%(?<name>[^%]+)%", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Setting();
}
