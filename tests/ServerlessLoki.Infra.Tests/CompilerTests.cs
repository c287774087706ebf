using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>Every Bicep file before the real compiler, its linter and its formatter; a warning counts as an error.</summary>
public sealed class CompilerTests : IDisposable
{
    private static readonly Lazy<string> Formatted = new(Format);

    private static readonly Lazy<(BicepRun Build, BicepRun Lint)> Reports = new(FaultyFiles.Report);

    private readonly string _folder = Directory.CreateTempSubdirectory("loki-bicep-").FullName;

    public static TheoryData<string> Paths() => Infrastructure.AllPaths();

    public static TheoryData<string> Faults() => [.. FaultyFiles.All.Keys];

    [Fact]
    public void Build_EveryFile_HasNeitherErrorNorWarning()
    {
        Assert.True(Infrastructure.Build.Clean, Infrastructure.Build.Diagnostics);
        Assert.All(Infrastructure.Paths, path => Assert.NotEmpty(Infrastructure.Template(path).Hash));
    }

    [Fact]
    public void Lint_EveryFile_HasNeitherErrorNorWarning()
    {
        var lint = BicepCompiler.LintAll(Infrastructure.Folder);

        Assert.True(lint.Clean, lint.Diagnostics);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Format_File_IsAsTheFormatterWritesIt(string path) =>
        Assert.Equal(File.ReadAllText(Path.Combine(Formatted.Value, path)), Repository.Text($"infra/{path}"));

    /// <summary>What these tests leave to the compiler comes out as a fault, by build and by lint alike.</summary>
    [Theory]
    [MemberData(nameof(Faults))]
    public void Run_FaultyFile_IsReported(string file)
    {
        var expected = $"{file}.bicep(";
        Assert.All([Reports.Value.Build, Reports.Value.Lint], run =>
        {
            Assert.False(run.Clean);
            Assert.Contains(run.Diagnostics.Split('\n'), line => line.Contains(expected, StringComparison.Ordinal) && line.Contains(FaultyFiles.All[file].Expected, StringComparison.Ordinal));
            Assert.DoesNotContain("other.bicep(", run.Diagnostics, StringComparison.Ordinal);
        });
    }

    /// <summary>The compiler itself takes a warning for a success.</summary>
    [Fact]
    public void Run_FileWithAWarningOnly_IsNotClean()
    {
        File.WriteAllText(Path.Combine(_folder, "a.bicep"), FaultyFiles.All["misspelt-property"].Source);

        Assert.All([BicepCompiler.BuildAll(_folder, Path.Combine(_folder, "out")), BicepCompiler.LintAll(_folder)], run =>
        {
            Assert.Equal(0, run.ExitCode);
            Assert.Contains("Warning BCP089", run.Diagnostics, StringComparison.Ordinal);
            Assert.False(run.Clean);
            Assert.Throws<InvalidOperationException>(run.MustBeClean);
        });
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Format()
    {
        var copy = Path.Combine(AppContext.BaseDirectory, "bicep", "formatted");
        if (Directory.Exists(copy))
            Directory.Delete(copy, recursive: true);
        foreach (var path in Infrastructure.Paths.Add("bicepconfig.json").Add("abbreviations.json"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, path))!);
            File.Copy(Path.Combine(Infrastructure.Folder, path), Path.Combine(copy, path));
        }

        BicepCompiler.FormatAll(copy).MustBeClean();
        return copy;
    }
}
