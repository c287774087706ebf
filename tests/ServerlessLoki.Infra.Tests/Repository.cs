using System.Text.RegularExpressions;

namespace ServerlessLoki.Infra.Tests;

/// <summary>The repository that these tests were built from.</summary>
internal static partial class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Rows of the table of settings in infra/README.md: name, and who gets it: F the Function app, W a worker, L nobody on Azure.</summary>
    public static IReadOnlyDictionary<string, string> Settings() =>
        SettingRow().Matches(Text("infra/README.md")).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["apps"].Value, StringComparer.Ordinal);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ServerlessLoki.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("these tests read the repository that they were built in");
    }

    [GeneratedRegex(@"^\| `(?<name>\w+)` \| (?<apps>F|W|F W|L) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SettingRow();
}
