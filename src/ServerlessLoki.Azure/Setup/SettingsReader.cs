using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace ServerlessLoki.Azure.Setup;

/// <summary>Reader of settings that collects all faults. An empty setting counts as not set.</summary>
/// <param name="configuration">Environment and other configuration of the host.</param>
public sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _faults = [];

    /// <summary>Reads a text; null when it is not set.</summary>
    public string? Text(string key) => configuration[key] is { Length: > 0 } text ? text : null;

    /// <summary>Reads a text that must be set.</summary>
    public string Required(string key, string allowed)
    {
        if (Text(key) is { } text)
            return text;
        Fault(Name(key), "is not set", allowed);
        return "";
    }

    /// <summary>Reads a whole number within bounds.</summary>
    public int Whole(string key, int least, int most, int standard) => Whole(key, least, most, standard, "a whole number");

    /// <summary>Reads a time in whole seconds, within bounds.</summary>
    public TimeSpan Seconds(string key, int least, int most, int standard) => TimeSpan.FromSeconds(Whole(key, least, most, standard, "whole seconds"));

    /// <summary>Reads the address of a service; null when it is not set.</summary>
    public Uri? Address(string key)
    {
        if (Text(key) is not { } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http")
            return uri;
        Fault(Name(key), $"is '{text}'", "an address such as https://name.table.core.windows.net/");
        return null;
    }

    /// <summary>Reads a numbered list of objects, at least one.</summary>
    /// <remarks>One by one: bound as an array, one that cannot be read would be left out without a word.</remarks>
    public IReadOnlyList<T> List<T>(string key, string allowed)
        where T : class
    {
        List<T> list = [];
        foreach (var section in configuration.GetSection(key).GetChildren())
        {
            try
            {
                if (section.Get<T>() is { } item)
                    list.Add(item);
            }
            catch (InvalidOperationException exception)
            {
                Fault(Name(section.Path), $"cannot be read ({exception.Message.TrimEnd('.')})", allowed);
            }
        }

        if (!configuration.GetSection(key).Exists())
            Fault(Name(key), "is not set", allowed);
        return list;
    }

    /// <summary>Records a fault.</summary>
    public void Fault(string name, string found, string allowed) => Fault($"{name} {found}; allowed: {allowed}");

    /// <summary>Records a fault with a complete text.</summary>
    public void Fault(string text) => _faults.Add(text);

    /// <exception cref="SettingsException">There are faults: all of them.</exception>
    public void ThrowIfFaulty()
    {
        if (_faults.Count > 0)
            throw new SettingsException(_faults);
    }

    /// <summary>Returns the setting's name in the environment.</summary>
    private static string Name(string key) => key.Replace(":", "__", StringComparison.Ordinal);

    private int Whole(string key, int least, int most, int standard, string what)
    {
        if (Text(key) is not { } text)
            return standard;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Fault(Name(key), $"is '{text}'", $"{what}, {least} to {most}");
        return standard;
    }
}
