using System.Text.RegularExpressions;
using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>Modules: each file is used, where they are deployed, and what is taken from them. That parameters fit is the compiler's to say.</summary>
public sealed partial class ModuleTests
{
    [Fact]
    public void Main_Modules_AreLocalAndEachFileIsUsed()
    {
        // Everything is declared here: the build fetches nothing, and a module inside main.json is one of these files.
        var own = Infrastructure.Paths.Remove("main.bicep").ToDictionary(p => Infrastructure.Template(p).Hash, p => p, StringComparer.Ordinal);
        var imported = Infrastructure.Main.All.SelectMany(t => t.Types).Select(t => t.Value!["metadata"]?["__bicep_imported_from!"]?["sourceTemplate"]?.GetValue<string>()).OfType<string>();

        Assert.Equal(
            own.Values.Order(StringComparer.Ordinal),
            Infrastructure.Main.Modules.Select(m => own[m.Template.Hash])
                .Concat(imported.Select(i => $"modules/{Path.GetFileName(i)}")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Main_ModuleOutputs_AreAllTaken()
    {
        var taken = Infrastructure.Main.Expressions.SelectMany(e => Taken().Matches(e)).Select(m => $"{m.Groups["module"].Value}.{m.Groups["output"].Value}").ToHashSet(StringComparer.Ordinal);

        Assert.NotEmpty(taken);
        Assert.Empty(Infrastructure.Main.Modules.SelectMany(m => m.Template.Outputs.Select(o => $"{m.Name}.{o.Key}")).Except(taken));
    }

    [Fact]
    public void Main_Scope_IsTheSubscriptionAndAllLiesInOneGroup()
    {
        Assert.Contains("subscriptionDeploymentTemplate", Infrastructure.Main.Json["$schema"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(["Microsoft.Resources/resourceGroups"], Infrastructure.Main.Resources.Select(ArmTemplate.TypeOf));
        var group = PredictedDeployment.NameOf(Infrastructure.Everything.The("Microsoft.Resources/resourceGroups"));
        Assert.All(Infrastructure.Main.Modules, m => Assert.NotNull(m.Deployment["resourceGroup"]));
        Assert.All(Infrastructure.Everything.Resources, r => Assert.Contains(group, r["id"]!.GetValue<string>(), StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Infrastructure.AllPaths), MemberType = typeof(Infrastructure))]
    public void File_Types_AreDescribed(string path) =>
        Assert.Empty(Infrastructure.Template(path).Types.Where(t => string.IsNullOrWhiteSpace(t.Value!["metadata"]?["description"]?.GetValue<string>())).Select(t => t.Key));

    [GeneratedRegex(@"reference\((format\()?'(?<module>\w+)(\[\{0\}\]', [^)]*\)\)|')\)?\.outputs\.(?<output>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Taken();
}
