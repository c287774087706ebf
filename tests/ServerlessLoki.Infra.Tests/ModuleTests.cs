using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>Modules: where they lie, what they are given, what is taken from them.</summary>
public sealed class ModuleTests
{
    [Fact]
    public void Main_Modules_AreLocalAndEachFileIsUsed()
    {
        var used = Repository.Main.Of(DeclarationKind.Module).Select(m => m.Type).ToList();

        // Everything is declared here: nothing is fetched when it compiles.
        Assert.DoesNotContain(used, path => path.Contains(':', StringComparison.Ordinal));
        var imported = Repository.Bicep.Values.SelectMany(f => f.Of(DeclarationKind.Import)).Select(i => Path.GetFileName(i.Type));
        Assert.Equal(
            Repository.Bicep.Keys.Where(k => k != "main.bicep").Order(StringComparer.Ordinal),
            used.Concat(imported.Select(i => $"modules/{i}")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Main_ModuleParameters_AreThoseThatTheModuleDeclares()
    {
        foreach (var module in Repository.Main.Of(DeclarationKind.Module))
        {
            var declared = Repository.Bicep[module.Type].Of(DeclarationKind.Parameter).ToList();
            var passed = ((ObjectNode)module.Body!["params"]!).Properties.Select(p => p.Name!).ToList();

            Assert.Empty(passed.Except(declared.Select(d => d.Name)).Select(p => $"{module.Type} has no parameter {p}"));
            Assert.Empty(declared.Where(d => d.Value is null).Select(d => d.Name).Except(passed).Select(p => $"{module.Type} is not given {p}"));
        }
    }

    [Fact]
    public void Main_ModuleOutputs_AreDeclared()
    {
        var modules = Repository.Main.Of(DeclarationKind.Module).ToDictionary(m => m.Name, m => m.Type, StringComparer.Ordinal);
        var taken = Repository.Main.Nodes().OfType<MemberNode>()
            .Select(m => (Output: m.Name, Of: m.Target as MemberNode))
            .Where(m => m.Of is { Name: "outputs" })
            .Select(m => (Module: Root(m.Of!.Target), m.Output)).ToList();

        Assert.NotEmpty(taken);
        Assert.All(taken, t => Assert.Contains(t.Output, Repository.Bicep[modules[t.Module]].Of(DeclarationKind.Output).Select(o => o.Name)));
        // And none is declared in vain.
        foreach (var (name, path) in modules)
            Assert.Empty(Repository.Bicep[path].Of(DeclarationKind.Output).Select(o => o.Name).Except(taken.Where(t => t.Module == name).Select(t => t.Output)));
    }

    [Fact]
    public void Main_Scope_IsTheSubscriptionAndModulesLieInTheGroup()
    {
        var scope = Assert.Single(Repository.Main.Of(DeclarationKind.TargetScope));

        Assert.Equal("subscription", Assert.IsType<TextNode>(scope.Value).Literal);
        Assert.All(Repository.Main.Of(DeclarationKind.Module), m => Assert.Equal("group", Assert.IsType<NameNode>(m.Body!["scope"]).Name));
    }

    private static string Root(Node node) => node switch
    {
        NameNode name => name.Name,
        IndexNode index => Root(index.Target),
        _ => throw new InvalidOperationException($"line {node.Line}: outputs of something that is no module"),
    };
}
