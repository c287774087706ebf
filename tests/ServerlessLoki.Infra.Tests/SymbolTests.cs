using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>What is named is declared, and what is declared is used and described.</summary>
public sealed class SymbolTests
{
    private static readonly string[] Functions =
    [
        "allowed", "concat", "description", "empty", "environment", "export", "filter", "flatten", "guid", "items", "json", "length",
        "loadJsonContent", "map", "maxLength", "metadata", "min", "minLength", "minValue", "maxValue", "range", "replace", "resourceGroup", "split",
        "string", "subscription", "subscriptionResourceId", "take", "tenant", "toLower", "union", "uniqueString", "utcNow",
    ];

    public static TheoryData<string> Paths() => Repository.BicepPaths();

    [Theory]
    [MemberData(nameof(Paths))]
    public void File_Names_AreDeclared(string path)
    {
        var file = Repository.Bicep[path];
        var declared = Declared(file).ToHashSet(StringComparer.Ordinal);

        Assert.DoesNotContain(file.Declarations.SelectMany(d => d.Decorators.Append(d.Value).OfType<Node>()).SelectMany(n => Free(n, [])), n => !declared.Contains(n));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void File_Functions_AreKnown(string path) =>
        Assert.Empty(Repository.Bicep[path].Nodes().OfType<CallNode>().Where(c => c.Target is null).Select(c => c.Name).Except(Functions));

    [Theory]
    [MemberData(nameof(Paths))]
    public void File_Declarations_AreUsed(string path)
    {
        var file = Repository.Bicep[path];
        var used = file.Nodes().OfType<NameNode>().Select(n => n.Name)
            .Concat(file.Nodes().OfType<MemberNode>().Select(m => m.Name))
            .Concat(file.Declarations.SelectMany(d => d.Type.Split('{', '}', '[', ']', ':', '?', '|', ' ')))
            .ToHashSet(StringComparer.Ordinal);
        var wanted = file.Declarations.Where(d => d.Kind is DeclarationKind.Parameter or DeclarationKind.Variable).Select(d => d.Name)
            .Concat(file.Of(DeclarationKind.Import).SelectMany(i => i.Name.Split(' ')))
            .Concat(file.Of(DeclarationKind.Resource).SelectMany(r => r.WithNested()).Where(r => r.Existing && r.Body!.Nested.IsEmpty).Select(r => r.Name));

        Assert.DoesNotContain(wanted, w => !used.Contains(w));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void File_ParametersAndOutputs_AreDescribed(string path) =>
        Assert.Empty(Repository.Bicep[path].Declarations
            .Where(d => d.Kind is DeclarationKind.Parameter or DeclarationKind.Output or DeclarationKind.Type && !d.Decorators.Any(c => c.Name == "description"))
            .Select(d => d.Name));

    [Theory]
    [MemberData(nameof(Paths))]
    public void File_Abbreviations_Exist(string path)
    {
        var known = System.Text.Json.Nodes.JsonNode.Parse(Repository.Text("infra/abbreviations.json"))!.AsObject().Select(p => p.Key).ToList();
        var used = Repository.Bicep[path].Nodes().OfType<MemberNode>().Where(m => m.Target is NameNode { Name: "abbreviations" }).Select(m => m.Name).ToList();

        Assert.Empty(used.Except(known));
        if (path == "main.bicep")
            Assert.Empty(known.Except(used));
    }

    private static IEnumerable<string> Declared(BicepFile file) =>
        file.Declarations.SelectMany(d => d.Kind == DeclarationKind.Import ? d.Name.Split(' ') : d.WithNested().Select(n => n.Name));

    /// <summary>Names that no loop or lambda around them binds.</summary>
    private static IEnumerable<string> Free(Node node, IReadOnlyCollection<string> bound) => node switch
    {
        NameNode name => bound.Contains(name.Name) ? [] : [name.Name],
        BindingNode binding => (binding.Source is { } source ? Free(source, bound) : []).Concat(Free(binding.Body, [.. bound, .. binding.Names])),
        _ => node.Children.SelectMany(c => Free(c, bound)),
    };
}
