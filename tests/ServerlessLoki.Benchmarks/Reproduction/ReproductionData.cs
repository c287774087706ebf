using ServerlessLoki.Cli.Commands;
using ServerlessLoki.Scenarios;
using ServerlessLoki.Scenarios.Import;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>The public data that the published systems come with; never part of the project.</summary>
internal static class ReproductionData
{
    private static readonly string? Folder =
        new[] { Environment.GetEnvironmentVariable("LOKI_DATA"), "../shared/data" }.OfType<string>().FirstOrDefault(Directory.Exists);

    public static bool Has(string system) => Folder is not null && Directory.Exists(Path.Combine(Folder, system));

    public static Scenario Import(string system, string? chosen = null) =>
        ScenarioImport.Read(system, system, new DataFolder(Path.GetFullPath(Path.Combine(Folder!, system))), chosen).Read(system);
}
