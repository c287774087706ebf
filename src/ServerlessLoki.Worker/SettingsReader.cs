using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace ServerlessLoki.Worker;

/// <summary>Reads settings and gathers what is wrong with them.</summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _faults = [];

    public string? Text(string key) => configuration[key] is { Length: > 0 } text ? text : null;

    public string Required(string key, string allowed)
    {
        if (Text(key) is { } text)
            return text;
        Fault(Name(key), "is not set", allowed);
        return "";
    }

    public int Whole(string key, int least, int most, int standard)
    {
        if (Text(key) is not { } text)
            return standard;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Fault(Name(key), $"is '{text}'", $"a whole number, {least} to {most}");
        return standard;
    }

    public Uri? Address(string key)
    {
        if (Text(key) is not { } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http")
            return uri;
        Fault(Name(key), $"is '{text}'", "an address such as https://name.table.core.windows.net/");
        return null;
    }

    public void Fault(string name, string found, string allowed) => _faults.Add($"  {name} {found}; allowed: {allowed}");

    public void ThrowIfFaulty()
    {
        if (_faults.Count > 0)
            throw new WorkerSettingsException(_faults);
    }

    /// <summary>As it stands in the environment.</summary>
    private static string Name(string key) => key.Replace(":", "__", StringComparison.Ordinal);
}
