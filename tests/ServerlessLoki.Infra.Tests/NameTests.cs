using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>Names as they come out at their longest, against what the platform allows.</summary>
public sealed class NameTests
{
    private static readonly JsonObject Abbreviations = JsonNode.Parse(Repository.Text("infra/abbreviations.json"))!.AsObject();

    [Theory]
    [InlineData("identities", "functionsName", "^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$")]
    [InlineData("identities", "workerName", "^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$")]
    [InlineData("identities", "platformName", "^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$")]
    [InlineData("monitoring", "workspaceName", "^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$")]
    [InlineData("monitoring", "componentName", "^[A-Za-z0-9._-]{1,260}$")]
    [InlineData("network", "name", "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}[A-Za-z0-9_]$")]
    [InlineData("storage", "name", "^[a-z0-9]{3,24}$")]
    [InlineData("serviceBus", "name", "^[A-Za-z](?!.*(-sb|-mgmt)$)[A-Za-z0-9-]{4,48}[A-Za-z0-9]$")]
    [InlineData("privateEndpoints", "prefix", "^[A-Za-z0-9][A-Za-z0-9._-]{0,50}[A-Za-z0-9_]$")]
    [InlineData("durableTask", "name", "^[A-Za-z0-9-]{3,64}$")]
    [InlineData("registry", "name", "^[A-Za-z0-9]{5,50}$")]
    [InlineData("workerEnvironment", "name", "^[A-Za-z][A-Za-z0-9-]{0,58}[A-Za-z0-9]$")]
    [InlineData("worker", "name", "^[a-z][a-z0-9-]{0,30}[a-z0-9]$")]
    [InlineData("functionApp", "name", "^[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]$")]
    [InlineData("functionApp", "planName", "^[A-Za-z0-9-]{1,60}$")]
    [InlineData("budget", "name", "^[A-Za-z0-9_-]{1,63}$")]
    public void Name_AtItsLongest_IsAllowed(string module, string parameter, string allowed)
    {
        var body = Repository.Main.Of(DeclarationKind.Module).Single(m => m.Name == module).Body!;
        var name = Longest(((ObjectNode)body["params"]!)[parameter]!);

        Assert.Matches(new Regex(allowed, RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)), name);
    }

    [Fact]
    public void ResourceGroup_AtItsLongest_IsAllowed()
    {
        var group = Repository.Main.Of(DeclarationKind.Resource).Single();

        Assert.InRange(Longest(group.Body!["name"]!).Length, 1, 90);
    }

    private static string Longest(Node node) => node switch
    {
        TextNode text => string.Concat(text.Pieces.Select((p, i) => p + (i < text.Holes.Length ? Longest(text.Holes[i]) : ""))),
        NameNode { Name: "token" } => "abcdefghijklm", // uniqueString: 13 characters
        NameNode { Name: "environmentName" } => new string('e', 64),
        MemberNode { Target: NameNode { Name: "abbreviations" } } member => Abbreviations[member.Name]!.GetValue<string>(),
        MemberNode { Target: NameNode { Name: "device" }, Name: "name" } => "a100",
        _ => throw new InvalidOperationException($"line {node.Line}: a name is made of something that this test does not know"),
    };
}
