using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ServerlessLoki.Infra.Tests;

/// <summary>The POSIX hooks, run with programs that only note how they were called in place of az, azd and dotnet; their PowerShell twins are held to the same variables.</summary>
public sealed partial class HookTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("loki-hooks-").FullName;

    [Fact]
    public void PostProvision_Sample_UploadsModelsThenProfileThenPipeline()
    {
        Pretend("az", "echo \"$@\" >> \"$CALLS\"");

        var (code, _, error) = Run("postprovision.sh", ("LOKI_STORAGE_ACCOUNT", "stx"), ("LOKI_MODELS_CONTAINER", "models"));

        Assert.True(code == 0, error);
        var calls = Calls();
        Assert.Equal(["*.onnx", "profile.csv", "pipeline.json"], calls.Select(c => Pattern().Match(c).Groups["pattern"].Value));
        Assert.All(calls, c => Assert.Contains("--account-name stx --auth-mode login --destination models --destination-path traffic", c, StringComparison.Ordinal));
    }

    [Fact]
    public void PostProvision_ListsOfLabels_GoUpWithTheModels()
    {
        Pretend("az", "echo \"$@\" >> \"$CALLS\"");
        var folder = Directory.CreateTempSubdirectory("loki-hook-");
        try
        {
            foreach (var file in new[] { "pipeline.json", "coco.txt" })
                File.WriteAllText(Path.Combine(folder.FullName, file), "x");

            var (code, _, error) = Run("postprovision.sh", ("LOKI_STORAGE_ACCOUNT", "stx"), ("LOKI_MODELS_CONTAINER", "models"), ("LOKI_PIPELINES", folder.FullName));

            Assert.True(code == 0, error);
            Assert.Equal(["*.onnx", "*.txt", "pipeline.json"], Calls().Select(c => Pattern().Match(c).Groups["pattern"].Value));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void PostProvision_FolderWithoutPipeline_FailsAndUploadsNothing()
    {
        Pretend("az", "echo \"$@\" >> \"$CALLS\"");

        var (code, _, error) = Run("postprovision.sh", ("LOKI_STORAGE_ACCOUNT", "stx"), ("LOKI_MODELS_CONTAINER", "models"), ("LOKI_PIPELINES", "tests"));

        Assert.NotEqual(0, code);
        Assert.Contains("tests has no pipeline.json", error, StringComparison.Ordinal);
        Assert.Empty(Calls());
    }

    [Fact]
    public void PostProvision_GrantNotKnownYet_TriesAgain()
    {
        Pretend("sleep", "");
        Pretend("az", "echo \"$@\" >> \"$CALLS\"; [ \"$(wc -l < \"$CALLS\")\" -ge 3 ]");

        var (code, _, error) = Run("postprovision.sh", ("LOKI_STORAGE_ACCOUNT", "stx"), ("LOKI_MODELS_CONTAINER", "models"));

        Assert.True(code == 0, error);
        Assert.Equal(["*.onnx", "*.onnx", "*.onnx", "profile.csv", "pipeline.json"], Calls().Select(c => Pattern().Match(c).Groups["pattern"].Value));
    }

    [Fact]
    public void PreProvision_GpuThatTheRegionLacks_Fails()
    {
        Prepare();

        var (code, _, error) = Run("preprovision.sh", ("AZURE_LOCATION", "westeurope"), ("LOKI_A100_MAX", "1"));

        Assert.NotEqual(0, code);
        Assert.Contains("westeurope does not offer Consumption-GPU-NC24-A100", error, StringComparison.Ordinal);
    }

    [Fact]
    public void PreProvision_FirstTime_KeepsTheMonthOfTheBudget()
    {
        Prepare();

        var (code, _, error) = Run("preprovision.sh", ("AZURE_LOCATION", "westeurope"), ("LOKI_T4_MAX", "2"));

        Assert.True(code == 0, error);
        Assert.Matches(@"^env set LOKI_BUDGET_START \d{4}-\d\d-01$", Assert.Single(Calls()));
    }

    [Fact]
    public void PreProvision_FeedLacksPackages_FailsAndNamesEachOnce()
    {
        Prepare();
        Pretend("dotnet", """
            cat <<'LOG'
            /x/functions/ServerlessLoki.Functions.csproj : error NU1101: Unable to find package A.Not.Served. No packages exist with this id in source(s): a package feed
            /x/functions/ServerlessLoki.Functions.csproj : error NU1101: Unable to find package A.Not.Served. No packages exist with this id in source(s): a package feed
            /x/functions/ServerlessLoki.Functions.csproj : error NU1102: Unable to find package B.Too-New with version (>= 5.24.0)
            /x/functions/ServerlessLoki.Functions.csproj : error NU1103: Unable to find a stable package C.Preview with version (>= 1.0.0)
            LOG
            exit 1
            """);

        var (code, _, error) = Run("preprovision.sh", ("AZURE_LOCATION", "westeurope"));

        Assert.NotEqual(0, code);
        Assert.StartsWith("preprovision: the package feed lacks what the Function app needs on Azure: A.Not.Served, B.Too-New, C.Preview; add a source", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Empty(Calls());
    }

    [Fact]
    public void PreProvision_RestoreFailsOtherwise_ShowsWhatItSaid()
    {
        Prepare();
        Pretend("dotnet", "echo 'error NU1301: Unable to load the service index for source x.'; exit 1");

        var (code, _, error) = Run("preprovision.sh", ("AZURE_LOCATION", "westeurope"));

        Assert.NotEqual(0, code);
        Assert.Contains("NU1301: Unable to load the service index", error, StringComparison.Ordinal);
        Assert.Contains("cannot be restored", error, StringComparison.Ordinal);
        Assert.Empty(Calls());
    }

    [Fact]
    public void PreProvision_Packages_AreAskedForAsForAzureOutsideTheTree()
    {
        Prepare();
        Pretend("dotnet", "echo \"$@\" >> \"$CALLS\"; mkdir -p \"$5\"");

        var (code, _, error) = Run("preprovision.sh", ("AZURE_LOCATION", "westeurope"), ("LOKI_BUDGET_START", "2026-11-01"));

        Assert.True(code == 0, error);
        var call = Restore().Match(Assert.Single(Calls()));
        Assert.True(call.Success);
        Assert.True(File.Exists(Path.Combine(Repository.Root, call.Groups["project"].Value)));
        Assert.DoesNotContain(Path.Combine(_folder, "tree"), call.Groups["folder"].Value, StringComparison.Ordinal);
        Assert.False(Directory.Exists(call.Groups["folder"].Value));
    }

    [Theory]
    [InlineData("-p:PublishForAzure=true")]
    [InlineData("--artifacts-path")]
    [InlineData("error NU110[123]: Unable to find (a stable )?package ([A-Za-z0-9._-]*[A-Za-z0-9])[. ]")]
    public void PreProvision_PowerShell_AsksForPackagesAsThePosixTwin(string text)
    {
        Assert.Contains(text, Repository.Text("infra/hooks/preprovision.sh"), StringComparison.Ordinal);
        Assert.Contains(text, Repository.Text("infra/hooks/preprovision.ps1"), StringComparison.Ordinal);
    }

    [Fact]
    public void Hooks_AzdsSubscription_IsTheOneAsked()
    {
        Prepare();
        Pretend("az", "echo \"$@\" >> \"$CALLS\"; echo Consumption-GPU-NC8as-T4");
        (string, string)[] variables =
            [("AZURE_SUBSCRIPTION_ID", "sub-x"), ("AZURE_LOCATION", "westeurope"), ("LOKI_T4_MAX", "1"), ("LOKI_BUDGET_START", "2026-11-01"), ("LOKI_STORAGE_ACCOUNT", "stx"), ("LOKI_MODELS_CONTAINER", "models")];

        foreach (var hook in (string[])["preprovision.sh", "postprovision.sh"])
        {
            var (code, _, error) = Run(hook, variables);
            Assert.True(code == 0, error);
        }

        // The first asks who is signed in at all.
        Assert.All(Calls().Skip(1), c => Assert.Contains("--subscription sub-x", c, StringComparison.Ordinal));
        Assert.Equal(6, Calls().Length);
    }

    [Fact]
    public void PreProvision_NotSignedIn_SaysHow()
    {
        Prepare();
        Pretend("az", "exit 1");

        var (code, _, error) = Run("preprovision.sh", ("AZURE_LOCATION", "westeurope"));

        Assert.NotEqual(0, code);
        Assert.Contains("az login", error, StringComparison.Ordinal);
        Assert.Empty(Calls());
    }

    [Fact]
    public void PostDeploy_Says_WhereItIsAndPrintsNoKey()
    {
        Pretend("az", "echo called >> \"$CALLS\"");

        var (code, output, error) = Run("postdeploy.sh", ("LOKI_URL", "https://x.example"), ("AZURE_RESOURCE_GROUP", "rg-x"), ("LOKI_FUNCTION_APP_NAME", "func-x"));

        Assert.True(code == 0, error);
        Assert.Contains("https://x.example/v2/health/ready", output, StringComparison.Ordinal);
        Assert.Empty(Calls());
    }

    [Theory]
    [InlineData("preprovision")]
    [InlineData("postprovision")]
    [InlineData("postdeploy")]
    public void PowerShell_Variables_AreThoseOfThePosixTwin(string hook)
    {
        var posix = Variable().Matches(Repository.Text($"infra/hooks/{hook}.sh")).Select(m => m.Value).Distinct(StringComparer.Ordinal);
        var windows = Variable().Matches(Repository.Text($"infra/hooks/{hook}.ps1")).Select(m => m.Value).Distinct(StringComparer.Ordinal);

        Assert.Equal(posix.Order(StringComparer.Ordinal), windows.Order(StringComparer.Ordinal));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A copy of the hook in a folder of its own, with programs that answer as on a machine where all is there.</summary>
    private void Prepare()
    {
        Pretend("dotnet", "");
        Pretend("azd", "echo \"$@\" >> \"$CALLS\"");
        Pretend("az", "echo Consumption; echo Consumption-GPU-NC8as-T4");
        Directory.CreateDirectory(Path.Combine(_folder, "tree", "infra", "hooks"));
        File.Copy(Path.Combine(Repository.Root, "infra/hooks/preprovision.sh"), Path.Combine(_folder, "tree", "infra", "hooks", "preprovision.sh"));
    }

    private void Pretend(string program, string script)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the POSIX hooks need a POSIX shell");
        var path = Path.Combine(_folder, "bin", program);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string[] Calls() => File.Exists(Path.Combine(_folder, "calls")) ? File.ReadAllLines(Path.Combine(_folder, "calls")) : [];

    private (int Code, string Output, string Error) Run(string hook, params (string Name, string Value)[] variables)
    {
        var copy = Path.Combine(_folder, "tree", "infra", "hooks", hook);
        var start = new ProcessStartInfo("sh", [File.Exists(copy) ? copy : Path.Combine(Repository.Root, "infra/hooks", hook)])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{Path.Combine(_folder, "bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["CALLS"] = Path.Combine(_folder, "calls");
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    [GeneratedRegex(@"--pattern (?<pattern>\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pattern();

    [GeneratedRegex(@"^restore (?<project>\S+) -p:PublishForAzure=true --artifacts-path (?<folder>\S+) -v q$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Restore();

    [GeneratedRegex("(?<=\\$(env:|\\{)?)(LOKI|AZURE)_[A-Z0-9_]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();
}
