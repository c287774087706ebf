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
        var cases = ScenarioImport.Cases(system);
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder of the data", Required = true, HelpName = "DIR" };
        data.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && !Directory.Exists(r.Tokens[0].Value))
                r.AddError($"--data: there is no folder '{r.Tokens[0].Value}'");
        });
        var output = new Option<FileInfo>("--out") { Description = "Scenario to write; its profile and traces lie beside it", Required = true, HelpName = "FILE" };
        var chosen = new Option<string>("--case") { Description = $"Which of: {string.Join(", ", cases)}", DefaultValueFactory = _ => cases[0], HelpName = "NAME" };
        chosen.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && !cases.Contains(r.Tokens[0].Value, StringComparer.Ordinal))
                r.AddError($"--case: found '{r.Tokens[0].Value}', allowed: {string.Join(", ", cases)}");
        });
        var command = new Command(system, "Import " + ScenarioImport.Summary(system)) { data, output, chosen };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (folder, file) = (parsed.GetValue(data)!, parsed.GetValue(output)!);
            var imported = Import(system, folder, Path.GetFileNameWithoutExtension(file.Name), parsed.GetValue(chosen)!);
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
            console.Document(new { scenario = scenario.Name, files = written });
            return ExitCodes.Ok;
        });
        return command;
    }

    private static ImportedScenario Import(string system, DirectoryInfo folder, string stem, string chosen)
    {
        try
        {
            return ScenarioImport.Read(system, stem, path => File.ReadAllText(Path.GetFullPath(path, folder.FullName)), chosen);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException($"--data: {folder.FullName} does not hold the data of {system}: {e.Message}");
        }
    }
}
