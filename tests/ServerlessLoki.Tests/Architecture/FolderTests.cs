using System.Text.RegularExpressions;

namespace ServerlessLoki.Tests.Architecture;

/// <summary>
/// Inside a project the folders are features, and what they use of each other goes one way. The root folder is none of them: it has what
/// all of them share, and what puts them together.
/// </summary>
public sealed partial class FolderTests
{
    [Theory]
    [InlineData("ServerlessLoki.Serving")]
    [InlineData("ServerlessLoki.Serving.Distributed")]
    public void Folders_Uses_MakeNoCircle(string project)
    {
        var uses = Uses(project);
        Assert.True(uses.Count > 4, $"{project} has no folders to look at.");

        // Folders that use nobody who is left are taken away; what remains uses each other in a circle.
        while (uses.Keys.Where(f => !uses[f].Keys.Any(uses.ContainsKey)).ToArray() is { Length: > 0 } done)
        {
            foreach (var folder in done)
                uses.Remove(folder);
        }

        Assert.Empty(uses.SelectMany(f => f.Value.Where(u => uses.ContainsKey(u.Key)).Select(u => $"{f.Key} uses {u.Key}, for example in {u.Value}")));
    }

    [Theory]
    [InlineData("using ServerlessLoki.Serving.Queries;", "Queries")]
    [InlineData("using static ServerlessLoki.Serving.Queries.Credit;", "Queries")]
    [InlineData("    var x = Queries.Credit.Whole;", "Queries")]
    [InlineData("    var x = scope.Queries.Count;", null)]
    [InlineData("    /// <see cref=\"Queries.Credit\"/>", null)]
    public void Use_AnyForm_IsSeen(string line, string? folder) =>
        Assert.Equal(folder is null ? [] : [folder], Used(line, "ServerlessLoki.Serving", ["Queries", "Slots"]).Distinct());

    /// <summary>By folder: the folders that it uses, each with a file that does.</summary>
    private static Dictionary<string, Dictionary<string, string>> Uses(string project)
    {
        var root = Path.Combine(SourceTree.Source, project);
        var folders = Directory.GetDirectories(root).Select(d => Path.GetFileName(d))
            .Where(d => Directory.EnumerateFiles(Path.Combine(root, d), "*.cs", SearchOption.AllDirectories).Any() && d is not ("obj" or "bin")).ToArray();
        var uses = folders.ToDictionary(f => f, _ => new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var folder in folders)
        {
            foreach (var file in SourceTree.Files(Path.Combine(root, folder)))
            {
                foreach (var used in Used(File.ReadAllText(file), project, folders).Where(u => u != folder))
                    uses[folder].TryAdd(used, Path.GetRelativePath(root, file));
            }
        }

        return uses;
    }

    /// <summary>A folder is named whole, or by its own name alone, as the namespaces around a file allow.</summary>
    private static IEnumerable<string> Used(string text, string project, string[] folders)
    {
        var code = Comment().Replace(text, "");
        return folders.Where(f => Regex.IsMatch(
            code, $@"\b{Regex.Escape(project)}\.{f}\b|(?<![\w.]){f}\.[A-Z]\w*\.", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5)));
    }

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.CultureInvariant | RegexOptions.Multiline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Comment();
}
