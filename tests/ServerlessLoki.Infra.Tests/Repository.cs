using System.Collections.Immutable;
using System.Text.RegularExpressions;
using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>The repository that these tests were built from.</summary>
internal static partial class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>All Bicep files by their path below infra/.</summary>
    public static ImmutableSortedDictionary<string, BicepFile> Bicep { get; } = Directory
        .EnumerateFiles(Path.Combine(Root, "infra"), "*.bicep", SearchOption.AllDirectories)
        .Select(f => BicepFile.Read(Path.GetRelativePath(Path.Combine(Root, "infra"), f).Replace('\\', '/'), File.ReadAllText(f)))
        .ToImmutableSortedDictionary(f => f.Path, f => f, StringComparer.Ordinal);

    public static BicepFile Main => Bicep["main.bicep"];

    public static TheoryData<string> BicepPaths() => [.. Bicep.Keys];

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Parameters of main.parameters.json: name and the text that azd fills in.</summary>
    public static IReadOnlyDictionary<string, string> Parameters() =>
        System.Text.Json.Nodes.JsonNode.Parse(Text("infra/main.parameters.json"))!["parameters"]!.AsObject()
            .ToDictionary(p => p.Key, p => p.Value!["value"]!.GetValue<string>(), StringComparer.Ordinal);

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
