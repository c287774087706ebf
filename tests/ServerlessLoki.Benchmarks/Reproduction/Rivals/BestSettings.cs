using System.Text.Json;

namespace ServerlessLoki.Benchmarks.Reproduction.Rivals;

/// <summary>The settings that the search found, by experiment and policy: a file of this project, written by <c>reproduce.sh sweep</c>.</summary>
internal static class BestSettings
{
    public const string Path = "tests/ServerlessLoki.Benchmarks/Reproduction/best-settings.json";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static SortedDictionary<string, SortedDictionary<string, string>> Read() => File.Exists(Path)
        ? JsonSerializer.Deserialize<SortedDictionary<string, SortedDictionary<string, string>>>(File.ReadAllText(Path)) ?? []
        : [];

    /// <summary>The best setting of a policy; null where none was searched.</summary>
    public static RivalSetting? Of(string experiment, string policy) =>
        Read().GetValueOrDefault(experiment)?.GetValueOrDefault(policy) is { } text ? RivalSetting.Parse(text) : null;

    /// <summary>Searches the settings of one experiment's rivals and keeps them.</summary>
    public static void Search(Experiment experiment) => Search(experiment.Name, experiment.Rivals, rival => SettingSearch.Best(experiment, rival));

    /// <summary>Searches settings and keeps them.</summary>
    /// <param name="name">Name under which they are kept.</param>
    /// <param name="rivals">Policies by label.</param>
    /// <param name="best">Best setting of one; null where it refuses.</param>
    public static void Search(string name, IEnumerable<string> rivals, Func<string, RivalSetting?> best)
    {
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var rival in rivals)
        {
            if (best(rival) is { } setting)
                settings[rival] = setting.ToString();
            Console.WriteLine($"{name}: {rival}: {settings.GetValueOrDefault(rival) ?? "refused"}");
        }

        Write(name, settings);
    }

    /// <summary>Replaces the settings of one experiment.</summary>
    private static void Write(string experiment, SortedDictionary<string, string> settings)
    {
        var all = Read();
        all[experiment] = settings;
        File.WriteAllText(Path, JsonSerializer.Serialize(all, Indented) + "\n");
    }
}
