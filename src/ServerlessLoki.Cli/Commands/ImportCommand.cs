using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Scenarios.Import;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Command <c>loki import</c>: makes scenarios from the data of published systems.</summary>
internal static class ImportCommand
{
    /// <summary>Builds the command with one subcommand per system.</summary>
    public static Command Create(CliConsole console)
    {
        var command = new Command("import", "Make a scenario from the public data of a published system; the data keep their owners' terms");
        foreach (var system in ScenarioImport.KnownNames)
            command.Add(Create(console, system));
        return command;
    }

    private static Command Create(CliConsole console, string system)
    {
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder of the data", Required = true, HelpName = "DIR" };
        data.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && !Directory.Exists(r.Tokens[0].Value))
                r.AddError($"--data: there is no folder '{r.Tokens[0].Value}'");
        });
        var output = new Option<FileInfo>("--out") { Description = "Scenario to write; its profile and traces lie beside it", Required = true, HelpName = "FILE" };
        var chosen = new Option<string?>("--case") { Description = "Which pipeline, trace or objective; left out = the main one, whose others are then listed", HelpName = "NAME" };
        var command = new Command(system, $"Import {ScenarioImport.Summary(system)}. --data takes {string.Join("; or ", ScenarioImport.Layouts(system))}") { data, output, chosen };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (folder, file) = (parsed.GetValue(data)!, parsed.GetValue(output)!);
            var source = new DataFolder(folder.FullName);
            var wanted = parsed.GetValue(chosen);
            var (imported, cases) = Import(system, source, Path.GetFileNameWithoutExtension(file.Name), wanted);
            // Read back before anything is written: nobody wants a scenario that nothing takes.
            var scenario = imported.Read(file.Name);
            Directory.CreateDirectory(file.DirectoryName!);
            await File.WriteAllTextAsync(file.FullName, imported.Json, cancellationToken).ConfigureAwait(false);
            foreach (var (name, content) in imported.Files)
                await File.WriteAllTextAsync(Path.Combine(file.DirectoryName!, name), content, cancellationToken).ConfigureAwait(false);
            string[] written = [file.FullName, .. imported.Files.Keys.Select(n => Path.Combine(file.DirectoryName!, n))];
            console.Line($"{scenario.Name}: {scenario.Problem.Pipelines.Length} {(scenario.Problem.Pipelines.Length == 1 ? "pipeline" : "pipelines")}, "
                + $"{scenario.Problem.Devices.Sum(d => d.Slots).ToString(CultureInfo.InvariantCulture)} slots, traffic {string.Join(", ", scenario.Traces.Select(t => t.Name))}");
            foreach (var path in written)
                console.Line($"  wrote {path}");
            if (wanted is null && cases.Length > 1)
                console.Line($"  --case {cases[0]} was taken; there are also {string.Join(", ", cases.Skip(1))}");
            console.Document(new { scenario = scenario.Name, @case = wanted ?? cases[0], cases, files = written });
            return ExitCodes.Ok;
        });
        return command;
    }

    private static (ImportedScenario Scenario, ImmutableArray<string> Cases) Import(string system, DataFolder folder, string stem, string? chosen)
    {
        try
        {
            var cases = ScenarioImport.Cases(system, folder);
            if (chosen is not null && !cases.Contains(chosen, StringComparer.Ordinal))
                throw new BadInputException($"--case: found '{chosen}', allowed: {string.Join(", ", cases)}");
            return (ScenarioImport.Read(system, stem, folder, chosen), cases);
        }
        catch (IOException e)
        {
            throw new BadInputException($"--data: {folder.Name} does not hold the data of {system}: {e.Message}");
        }
    }
}
