using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ServerlessLoki.Tests.Architecture;

/// <summary>
/// The arrows of the design: the solver knows nobody, the brain knows the solver, the body knows the brain, its HTTP interface and its
/// distributed engines know the body and not each other, hosts and samples know the body, executables compose. A new project must be placed
/// here on purpose.
/// </summary>
public sealed partial class ArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["ServerlessLoki.Solver"] = [],
        ["ServerlessLoki"] = ["ServerlessLoki.Solver"],
        ["ServerlessLoki.OrTools"] = ["ServerlessLoki.Solver"],
        ["ServerlessLoki.Scenarios"] = ["ServerlessLoki", "ServerlessLoki.Solver"],
        ["ServerlessLoki.Serving"] = ["ServerlessLoki", "ServerlessLoki.Solver"],
        ["ServerlessLoki.Serving.Http"] = ["ServerlessLoki", "ServerlessLoki.Serving"],
        ["ServerlessLoki.Serving.Distributed"] = ["ServerlessLoki", "ServerlessLoki.Solver", "ServerlessLoki.Serving"],
        ["ServerlessLoki.Samples"] = ["ServerlessLoki", "ServerlessLoki.Serving"],
        ["ServerlessLoki.Samples.OwnApp"] = ["ServerlessLoki", "ServerlessLoki.Solver", "ServerlessLoki.Serving", "ServerlessLoki.Embedded"],
        ["ServerlessLoki.Embedded"] = ["ServerlessLoki", "ServerlessLoki.Serving", "ServerlessLoki.Serving.Http"],
        ["ServerlessLoki.Azure"] = ["ServerlessLoki", "ServerlessLoki.Serving", "ServerlessLoki.Serving.Distributed"],
        ["ServerlessLoki.Nats"] = ["ServerlessLoki", "ServerlessLoki.Serving", "ServerlessLoki.Serving.Distributed"],
        ["ServerlessLoki.Functions.ServiceBus"] = [],
        ["ServerlessLoki.Worker"] = ["ServerlessLoki", "ServerlessLoki.Solver", "ServerlessLoki.OrTools", "ServerlessLoki.Serving", "ServerlessLoki.Serving.Distributed", "ServerlessLoki.Azure"],
        ["ServerlessLoki.Cli"] = ["ServerlessLoki", "ServerlessLoki.Solver", "ServerlessLoki.OrTools", "ServerlessLoki.Scenarios", "ServerlessLoki.Serving", "ServerlessLoki.Serving.Http", "ServerlessLoki.Samples", "ServerlessLoki.Embedded", "ServerlessLoki.Azure", "ServerlessLoki.Serving.Distributed", "ServerlessLoki.Nats"],
    };

    public static TheoryData<string> Projects() =>
        [.. Directory.GetDirectories(SourceTree.Source, "ServerlessLoki*").Where(d => Directory.EnumerateFiles(d, "*.csproj").Any()).Select(d => Path.GetFileName(d))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_References_FollowTheArrows(string project)
    {
        Assert.True(Allowed.ContainsKey(project), $"{project} is not in the design: give it a place in {nameof(ArrowTests)}.");
        var references = XDocument.Load(Path.Combine(SourceTree.Source, project, project + ".csproj")).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));

        Assert.Empty(references.Except(Allowed[project]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Sources_Namespaces_FollowTheArrows(string project)
    {
        // The longest project name that a namespace begins with is its owner: ServerlessLoki.Serving.Runs is Serving's.
        var owners = Allowed.Keys.OrderByDescending(k => k.Length).ToArray();
        var faults = new List<string>();
        foreach (var file in SourceTree.Files(Path.Combine(SourceTree.Source, project)))
        {
            foreach (Match match in NamespaceUse().Matches(File.ReadAllText(file)))
            {
                var used = match.Groups["name"].Value;
                var owner = owners.First(o => used == o || used.StartsWith(o + ".", StringComparison.Ordinal));
                if (match.Groups["kind"].Value == "namespace" ? owner != project : owner != project && !Allowed[project].Contains(owner))
                    faults.Add($"{Path.GetRelativePath(SourceTree.Source, file)}: {match.Value}");
            }
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void AspNetCore_Projects_AreTheHttpInterfaceAndWhatHostsIt()
    {
        var web = Directory.EnumerateFiles(SourceTree.Source, "*.csproj", SearchOption.AllDirectories)
            .Where(f => XDocument.Load(f).Descendants("FrameworkReference").Any(r => r.Attribute("Include")!.Value == "Microsoft.AspNetCore.App"))
            .Select(f => Path.GetFileNameWithoutExtension(f));

        Assert.Equal(["ServerlessLoki.Cli", "ServerlessLoki.Embedded", "ServerlessLoki.Serving.Http", "ServerlessLoki.Worker"], web.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void LocalCloud_Projects_AreReferencedByNoProduct()
    {
        var references = ((string[])["src", "functions"]).SelectMany(f => Directory.EnumerateFiles(Path.Combine(SourceTree.Root, f), "*.csproj", SearchOption.AllDirectories))
            .Where(f => XDocument.Load(f).Descendants("ProjectReference").Any(r => r.Attribute("Include")!.Value.Replace('\\', '/').Contains("tests/", StringComparison.Ordinal)));

        Assert.Empty(references);
    }

    [Theory]
    [InlineData("using ServerlessLoki.Serving.Runs;")]
    [InlineData("global using ServerlessLoki.Serving.Runs;")]
    [InlineData("using static ServerlessLoki.Serving.Runs.Places;")]
    [InlineData("using Its = ServerlessLoki.Serving.Runs;")]
    [InlineData("var x = global::ServerlessLoki.Serving.Runs.Places.Map();")]
    public void NamespaceUse_AnyForm_IsSeen(string line) =>
        Assert.StartsWith("ServerlessLoki.Serving.Runs", NamespaceUse().Match(line).Groups["name"].Value, StringComparison.Ordinal);

    [GeneratedRegex(@"(?<kind>namespace|using\s+static|using\s+\w+\s*=|using|global::)\s*(?<name>ServerlessLoki(\.\w+)*)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex NamespaceUse();
}
