using System.Text.RegularExpressions;

namespace ServerlessLoki.Tests.Architecture;

/// <summary>Inside a project the folders are features, and what they use of each other goes one way: each can be read, tested and moved without
/// those that use it. The root folder is none of them: it has what all of them share, and what puts them together.</summary>
public sealed partial class FeatureFolderTests
{
    /// <summary>Pairs that depend on each other all the same. A pair that is mended must go, so that it cannot come back.</summary>
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        // Policies rehearse their plans in the simulator (unified) and estimate latency on generated traffic (inferline); the simulator runs any
        // policy under virtual time. Policies would have to be apart from Planning's contracts.
        ["ServerlessLoki"] = ["Planning, Simulation"],
        ["ServerlessLoki.Nats"] = [],
        ["ServerlessLoki.Scenarios"] = [],
        ["ServerlessLoki.Serving"] = [],
        ["ServerlessLoki.Serving.Distributed"] = [],
        ["ServerlessLoki.Solver"] = [],
    };

    public static TheoryData<string> Projects() => [.. Known.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_MutualDependencies_AreTheKnownOnes(string project)
    {
        Assert.Equal(Known[project], Mutual(UsesOf(project)));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_Uses_MakeNoCircle(string project)
    {
        var uses = UsesOf(project);
        uses.RemoveWhere(u => Known[project].Contains($"{u.From}, {u.To}") || Known[project].Contains($"{u.To}, {u.From}"));

        Assert.Empty(Circular(uses));
    }

    [Fact]
    public void Circular_OfThree_AreSeen()
    {
        var circle = new HashSet<(string From, string To)> { ("A", "B"), ("B", "C"), ("C", "A") };

        Assert.Equal(circle, Circular([.. circle, ("A", "D"), ("E", "A")]));
    }

    [Theory]
    [InlineData("using P.B;")]
    [InlineData("using static P.B.Thing;")]
    [InlineData("using T = P.B.Thing;")]
    [InlineData("class A { global::P.B.Thing _x; }")]
    [InlineData("class A { B.Thing _x; }")]
    public void Uses_AnyForm_IsSeen(string line) =>
        Assert.Equal(["A, B"], Mutual(Uses("P", [$"namespace P.A;\n{line}", "using P.A;\nnamespace P.B;\npublic sealed class Thing;"])));

    [Theory]
    [InlineData("/// <see cref=\"P.B.Thing\"/>")]
    [InlineData("class A { int _x = B.Count; }")]
    [InlineData("using P.Bee;")]
    public void Uses_WhatIsNoDependency_IsNotSeen(string line) =>
        Assert.Empty(Mutual(Uses("P", [$"namespace P.A;\n{line}", "using P.A;\nnamespace P.B.Inner;\ninternal enum Thing { One }"])));

    private static HashSet<(string From, string To)> UsesOf(string project)
    {
        var files = SourceTree.Files(Path.Combine(SourceTree.Source, project)).Select(File.ReadAllText).ToArray();
        Assert.True(files.Select(f => FolderOf(project, f)).Distinct().Count() > 2, $"{project} has no folders to look at.");
        return Uses(project, files);
    }

    /// <summary>The uses that are part of a circle, or between two of them.</summary>
    private static HashSet<(string From, string To)> Circular(HashSet<(string From, string To)> uses)
    {
        HashSet<(string From, string To)> left = [.. uses];
        while (left.RemoveWhere(u => left.All(v => v.From != u.To) || left.All(v => v.To != u.From)) > 0)
        {
        }

        return left;
    }

    private static List<string> Mutual(HashSet<(string From, string To)> uses) =>
        [.. uses.Where(u => string.CompareOrdinal(u.From, u.To) < 0 && uses.Contains((u.To, u.From))).Select(u => $"{u.From}, {u.To}").Order(StringComparer.Ordinal)];

    /// <summary>Which folder uses which: by a full name, or by the name of the folder before one of its types.</summary>
    private static HashSet<(string From, string To)> Uses(string project, IEnumerable<string> sources)
    {
        var files = sources.Select(s => Comment().Replace(s, "")).Select(text => (Folder: FolderOf(project, text), Text: text)).Where(f => f.Folder.Length > 0).ToArray();
        var types = files.ToLookup(f => f.Folder, f => f.Text).ToDictionary(
            f => f.Key, f => f.SelectMany(text => Declaration().Matches(text).Select(m => m.Groups["name"].Value)).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        var uses = new HashSet<(string, string)>();
        foreach (var (folder, text) in files)
        {
            foreach (Match match in Name().Matches(text))
            {
                var name = match.Groups["name"].Value;
                var isFull = name.StartsWith(project + ".", StringComparison.Ordinal);
                var parts = (isFull ? name[(project.Length + 1)..] : name).Split('.');
                if (parts[0] != folder && types.TryGetValue(parts[0], out var declared) && (isFull || declared.Contains(parts[1])))
                    uses.Add((folder, parts[0]));
            }
        }

        return uses;
    }

    private static string FolderOf(string project, string text)
    {
        var name = Namespace().Match(text).Groups["name"].Value;
        return name.StartsWith(project + ".", StringComparison.Ordinal) ? name[(project.Length + 1)..].Split('.')[0] : "";
    }

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+)", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\b(class|struct|interface|enum|record( struct)?) (?<name>\w+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"(?<![\w.])(?<name>\w+(\.\w+)+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Name();
}
