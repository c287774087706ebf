using System.Diagnostics;
using System.IO.Compression;

namespace ServerlessLoki.Infra.Tests;

/// <summary>scripts/setup.sh on a small tree whose only package feed is a folder: what the feed lacks is named, and the rest can be built.</summary>
public sealed class SetupScriptTests : IDisposable
{
    private const string Trigger = "Microsoft.Azure.Functions.Worker.Extensions.ServiceBus";
    private readonly string _tree = Directory.CreateTempSubdirectory("loki-setup-").FullName;

    public SetupScriptTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "The script needs bash.");
        foreach (var file in (string[])["scripts/setup.sh", "Directory.Build.props", "global.json"])
            Copy(file);
        Directory.CreateDirectory(Path.Combine(_tree, "feed"));
        Write("NuGet.config", "<configuration><packageSources><clear /><add key=\"here\" value=\"feed\" /></packageSources></configuration>");
        Write("Directory.Packages.props", $"""
            <Project>
              <PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup>
              <ItemGroup>
                <PackageVersion Include="Some.Thing" Version="1.0.0" />
                <PackageVersion Include="{Trigger}" Version="1.0.0" />
              </ItemGroup>
            </Project>
            """);
        Project("Plain");
        Project("Needing", Package("Some.Thing"));
        Project("Above", "<ProjectReference Include=\"../Needing/Needing.csproj\" />");
        Project("App", $"<PackageReference Include=\"{Trigger}\" Condition=\"'$(OwnServiceBusTrigger)' != 'true'\" />");
    }

    public void Dispose() => Directory.Delete(_tree, recursive: true);

    [Fact]
    public void Setup_FeedHasAll_NotesNothing()
    {
        Feed("Some.Thing", "1.0.0");
        Feed(Trigger, "1.0.0");
        Solution("Plain", "Needing", "Above", "App");

        var (code, output) = Run();

        Assert.True(code == 0, output);
        Assert.Equal("setup: packages are restored", output.Trim());
        Assert.False(File.Exists(Path.Combine(_tree, "Directory.Build.local.props")));
    }

    [Fact]
    public void Setup_FeedLacksTheTrigger_TakesOursAndSaysSo()
    {
        Feed("Some.Thing", "1.0.0");
        Solution("Plain", "Needing", "App");

        var (code, output) = Run();

        Assert.True(code == 0, output);
        Assert.Contains($"lacks {Trigger}", output, StringComparison.Ordinal);
        Assert.Contains("<OwnServiceBusTrigger>true<", Read("Directory.Build.local.props"), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_tree, "artifacts", "buildable.slnf")));
    }

    [Fact]
    public void Setup_FeedHasTheTriggerButNotTheHostsHalf_TakesOurs()
    {
        Feed("Some.Thing", "1.0.0");
        Feed(Trigger, "1.0.0");
        Project("App", $"""
            <PackageReference Include="{Trigger}" Condition="'$(OwnServiceBusTrigger)' != 'true'" />
            <PackageDownload Include="Microsoft.Azure.WebJobs.Extensions.ServiceBus" Version="[1.0.0]" Condition="'$(OwnServiceBusTrigger)' != 'true'" />
            """);
        Solution("Plain", "App");

        var (code, output) = Run();

        Assert.True(code == 0, output);
        Assert.Contains("<OwnServiceBusTrigger>true<", Read("Directory.Build.local.props"), StringComparison.Ordinal);
    }

    [Fact]
    public void Setup_FeedHasANewerVersionOnly_TakesItAndNamesBoth()
    {
        Feed("Some.Thing", "1.2.0");
        Solution("Plain", "Needing");

        var (code, output) = Run();

        Assert.True(code == 0, output);
        Assert.Contains("Some.Thing 1.0.0 → 1.2.0", output, StringComparison.Ordinal);
        Assert.Contains("packages are restored", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Setup_FeedLacksAPackage_NamesItAndListsWhatCanBeBuilt()
    {
        Solution("Plain", "Needing", "Above", "App");

        var (code, output) = Run();

        Assert.True(code == 0, output);
        Assert.Contains("lacks Some.Thing, needed by Above, Needing", output, StringComparison.Ordinal);
        var buildable = Read("artifacts/buildable.slnf");
        Assert.Contains("\"Plain/Plain.csproj\"", buildable, StringComparison.Ordinal);
        Assert.Contains("\"App/App.csproj\"", buildable, StringComparison.Ordinal);
        Assert.DoesNotContain("Needing", buildable, StringComparison.Ordinal);
        Assert.DoesNotContain("Above", buildable, StringComparison.Ordinal);
        Assert.Contains("Needing/Needing.csproj\tSome.Thing", Read("artifacts/lacking"), StringComparison.Ordinal);
    }

    [Fact]
    public void Setup_FeedLacksWhatTheNamedProjectNeeds_Fails()
    {
        Solution("Plain", "Needing");

        var (code, output) = Run("Needing/Needing.csproj");

        Assert.Equal(1, code);
        Assert.Contains("lacks Some.Thing", output, StringComparison.Ordinal);
        Assert.Equal(0, Run("Plain/Plain.csproj").Code);
    }

    [Fact]
    public void Setup_PinsChange_AsksAgain()
    {
        Solution("App");
        Run();
        Assert.Contains("OwnServiceBusTrigger", Read("Directory.Build.local.props"), StringComparison.Ordinal);
        Feed(Trigger, "1.0.0");
        Write("Directory.Packages.props", Read("Directory.Packages.props").Replace("</Project>", "<!-- other pins --></Project>", StringComparison.Ordinal));

        var (code, output) = Run();

        Assert.True(code == 0, output);
        Assert.False(File.Exists(Path.Combine(_tree, "Directory.Build.local.props")), output);
    }

    private static string Package(string id) => $"<PackageReference Include=\"{id}\" />";

    private void Project(string name, string reference = "") => Write($"{name}/{name}.csproj", $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <ItemGroup>{reference}</ItemGroup>
        </Project>
        """);

    private void Solution(params string[] projects)
    {
        var ids = projects.ToDictionary(p => p, _ => Guid.NewGuid().ToString("B").ToUpperInvariant(), StringComparer.Ordinal);
        Write("ServerlessLoki.sln", string.Join('\n', [
            "Microsoft Visual Studio Solution File, Format Version 12.00",
            .. ids.Select(p => $"Project(\"{{FAE04EC0-301F-11D3-BF4B-00C04F79EFBC}}\") = \"{p.Key}\", \"{p.Key}\\{p.Key}.csproj\", \"{p.Value}\"\nEndProject"),
            "Global", "GlobalSection(SolutionConfigurationPlatforms) = preSolution", "Debug|Any CPU = Debug|Any CPU", "EndGlobalSection",
            "GlobalSection(ProjectConfigurationPlatforms) = postSolution",
            .. ids.Values.SelectMany(id => new[] { $"{id}.Debug|Any CPU.ActiveCfg = Debug|Any CPU", $"{id}.Debug|Any CPU.Build.0 = Debug|Any CPU" }),
            "EndGlobalSection", "EndGlobal", ""]));
    }

    /// <summary>An empty package.</summary>
    private void Feed(string id, string version)
    {
        using var package = ZipFile.Open(Path.Combine(_tree, "feed", $"{id}.{version}.nupkg"), ZipArchiveMode.Create);
        using (var nuspec = new StreamWriter(package.CreateEntry($"{id}.nuspec").Open()))
        {
            nuspec.Write($"""
                <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
                  <metadata><id>{id}</id><version>{version}</version><authors>test</authors><description>test</description></metadata>
                </package>
                """);
        }

        package.CreateEntry("lib/netstandard2.0/_._");
    }

    private (int Code, string Output) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", ["scripts/setup.sh", .. arguments])
        {
            WorkingDirectory = _tree, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        // Not what this machine has by now.
        start.Environment["NUGET_PACKAGES"] = Path.Combine(_tree, "packages");
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    private void Copy(string file) => Write(file, File.ReadAllText(Path.Combine(Repository.Root, file)));

    private string Read(string file) => File.ReadAllText(Path.Combine(_tree, file));

    private void Write(string file, string text)
    {
        var path = Path.Combine(_tree, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
