using System.Text.RegularExpressions;
using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>One list of settings: infra/README.md's table, what Bicep sets, and what the code reads.</summary>
public sealed partial class SettingsTests
{
    [Fact]
    public void Bicep_SettingsOfTheFunctionApp_AreThoseOfTheTable() => AssertListed("F", Infrastructure.Everything.FunctionSettings.Keys);

    [Fact]
    public void Bicep_SettingsOfEachWorker_AreThoseOfTheTable() =>
        Assert.All(Infrastructure.Everything.Of("Microsoft.App/containerApps"), w => AssertListed("W", PredictedDeployment.SettingsOf(w).Keys));

    [Fact]
    public void Code_OwnSettings_AreInTheTable()
    {
        var known = Repository.Settings().Keys.Where(k => k.StartsWith("Loki__", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        var read = Sources().SelectMany(f => SettingName().Matches(File.ReadAllText(f)).Select(m => (File: f, Name: Digits().Replace(m.Value.Replace(":", "__", StringComparison.Ordinal), "__0__"))));

        // A prefix of a known name is a section that the code binds as a whole.
        Assert.Empty(read.Where(r => !known.Any(k => k == r.Name || k.StartsWith(r.Name.TrimEnd('_') + "__", StringComparison.Ordinal)))
            .Select(r => $"{Path.GetRelativePath(Repository.Root, r.File)} reads {r.Name}, which infra/README.md does not list"));
    }

    [Fact]
    public void Table_OwnSettings_AreReadByTheCode()
    {
        var sources = Sources().Select(File.ReadAllText).ToList();
        if (!Directory.Exists(Path.Combine(Repository.Root, "functions")) || !File.Exists(Path.Combine(Repository.Root, "src/ServerlessLoki.Worker/ServerlessLoki.Worker.csproj")))
            Assert.Skip("the Function app or the worker is not in this tree");

        // Read by name, or bound to a property of that name.
        Assert.DoesNotContain(
            Repository.Settings().Keys.Where(k => k.StartsWith("Loki__", StringComparison.Ordinal)),
            k => !sources.Any(s => Regex.IsMatch(s, $@"\b{k[(k.LastIndexOf("__", StringComparison.Ordinal) + 2)..]}\b", RegexOptions.None, TimeSpan.FromSeconds(1))));
    }

    private static void AssertListed(string app, IEnumerable<string> settings) =>
        Assert.Equal(
            Repository.Settings().Where(s => s.Value.Contains(app, StringComparison.Ordinal)).Select(s => s.Key).Order(StringComparer.Ordinal),
            settings.Select(s => Digits().Replace(s, "__0__")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private static IEnumerable<string> Sources() =>
        new[] { "functions", "src/ServerlessLoki.Worker", "src/ServerlessLoki.Azure" }
            .Select(f => Path.Combine(Repository.Root, f)).Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    [GeneratedRegex(@"(?<="")Loki(__|:)\w+((__|:)\w+)*(?="")", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SettingName();

    [GeneratedRegex("__[0-9]+__", RegexOptions.None, 1000)]
    private static partial Regex Digits();
}
