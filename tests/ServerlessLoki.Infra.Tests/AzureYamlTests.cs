using System.Text.RegularExpressions;
using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>azure.yaml against what Bicep tags and puts out, and against the files it names.</summary>
public sealed partial class AzureYamlTests
{
    private static readonly string Yaml = Repository.Text("azure.yaml");

    [Fact]
    public void Services_Names_AreThoseThatBicepTags()
    {
        var tagged = Infrastructure.Everything.Resources.Select(r => r["tags"]?["azd-service-name"]?.GetValue<string>()).OfType<string>();

        Assert.Equal(tagged.Order(StringComparer.Ordinal), Services().Select(s => s.Groups["name"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Services_DockerFiles_ExistAndUseTheRootAsContext()
    {
        foreach (var service in Services().Where(s => s.Value.Contains("docker:", StringComparison.Ordinal)))
        {
            var project = Value(service.Value, "project");

            Assert.True(File.Exists(Path.Combine(Repository.Root, project, Value(service.Value, "path"))), service.Value);
            Assert.Equal(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, project, Value(service.Value, "context"))));
        }
    }

    [Fact]
    public void Services_Conditions_AreOutputs()
    {
        var outputs = Infrastructure.Main.Outputs.Where(o => o.Value!["type"]!.GetValue<string>() == "bool").Select(o => o.Key);

        Assert.Equal(outputs.Order(StringComparer.Ordinal), Condition().Matches(Yaml).Select(m => m.Groups["name"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Outputs_Names_AreTakenAsTheyAreByHooksOrAzd()
    {
        // What azd itself looks for, and what a person reads with `azd env get-values`.
        string[] azd = ["AZURE_LOCATION", "AZURE_TENANT_ID", "AZURE_RESOURCE_GROUP", "AZURE_CONTAINER_REGISTRY_ENDPOINT", "AZURE_CONTAINER_ENVIRONMENT_NAME"];
        var readers = Yaml + string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "infra/hooks")).Select(File.ReadAllText));

        Assert.All(Infrastructure.Main.Outputs.Select(o => o.Key).Except(azd), name => Assert.Contains(name, readers, StringComparison.Ordinal));
    }

    [Fact]
    public void Hooks_Files_ExistForBothShells()
    {
        var named = Hook().Matches(Yaml).Select(m => m.Value).ToList();

        Assert.All(named, path => Assert.True(File.Exists(Path.Combine(Repository.Root, path)), path));
        Assert.Equal(
            Directory.EnumerateFiles(Path.Combine(Repository.Root, "infra/hooks")).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            named.Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static MatchCollection Services() => Service().Matches(Section().Match(Yaml).Value);

    private static string Value(string text, string key) => Regex.Match(text, $@"\b{key}: (\S+)", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value;

    [GeneratedRegex(@"(?<=^services:\n)([ ].*\n)+", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Section();

    [GeneratedRegex(@"^  (?<name>[a-z0-9-]+):\n(    .*\n)+", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Service();

    [GeneratedRegex(@"condition: \$\{(?<name>\w+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Condition();

    [GeneratedRegex(@"infra/hooks/\S+", RegexOptions.None, 1000)]
    private static partial Regex Hook();
}
