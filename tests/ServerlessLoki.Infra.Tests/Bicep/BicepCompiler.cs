using System.Diagnostics;

namespace ServerlessLoki.Infra.Tests.Bicep;

/// <summary>Bicep's own compiler, of the version in Directory.Packages.props.</summary>
internal static class BicepCompiler
{
    private static readonly Lazy<string> Program = new(FindProgram);

    /// <summary>Compiles every file below a folder to ARM JSON, each to its path below another folder. Fetches nothing.</summary>
    public static BicepRun BuildAll(string folder, string output) =>
        Run(folder, "build", "--no-restore", "--pattern", "**/*.bicep", "--outdir", output);

    /// <summary>Asks the linter about every file below a folder, by the rules of the nearest bicepconfig.json.</summary>
    public static BicepRun LintAll(string folder) => Run(folder, "lint", "--no-restore", "--pattern", "**/*.bicep");

    /// <summary>Rewrites every file below a folder.</summary>
    public static BicepRun FormatAll(string folder) => Run(folder, "format", "--pattern", "**/*.bicep");

    /// <summary>Writes the resources that a file of parameters would deploy to <c>NAME.snapshot.json</c> beside it.</summary>
    public static BicepRun Snapshot(string parameters, string location) => Run(
        Path.GetDirectoryName(parameters)!, "snapshot", parameters, "--mode", "overwrite", "--location", location,
        "--subscription-id", PredictedDeployment.Subscription, "--tenant-id", "00000000-0000-0000-0000-0000000000bb");

    private static BicepRun Run(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program.Value, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The program brings no ICU, and not every machine has it.
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var diagnostics = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, (output.GetAwaiter().GetResult() + diagnostics).Trim());
    }

    private static string FindProgram()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "compiler", OperatingSystem.IsWindows() ? "bicep.exe" : "bicep");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
