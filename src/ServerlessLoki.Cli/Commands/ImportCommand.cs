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
        var data = new Option<DirectoryInfo>("--data")
        {
            Description = "Folder of the data, one of:\n" + string.Join('\n', ScenarioImport.Layouts(system).Select(l => $"- {l}")),
            Required = true, HelpName = "DIR",
        };
        data.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && !Directory.Exists(r.Tokens[0].Value))
                r.AddError($"--data: there is no folder '{r.Tokens[0].Value}'");
        });
        var output = new Option<FileInfo>("--out") { Description = "Scenario to write; its profile and traces lie beside it", Required = true, HelpName = "FILE" };
        var chosen = new Option<string?>("--case") { Description = "Which pipeline, trace or objective; left out = the main one, whose others are then listed", HelpName = "NAME" };
        var force = new Option<bool>("--force", "--overwrite") { Description = "Replace files that exist" };
        var command = new Command(system, $"Import {ScenarioImport.Summary(system)}") { data, output, chosen, force };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (folder, file) = (parsed.GetValue(data)!, parsed.GetValue(output)!);
            var source = new DataFolder(folder.FullName);
            var wanted = parsed.GetValue(chosen);
            var (imported, cases) = Import(system, source, Path.GetFileNameWithoutExtension(file.Name), wanted);
            // Read back before anything is written: nobody wants a scenario that nothing takes.
            var scenario = imported.Read(file.Name);
            var written = await WriteAsync(imported, file, parsed.GetValue(force), cancellationToken).ConfigureAwait(false);
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

    /// <summary>Writes the scenario and its files: all of them, or none where one exists or cannot be written.</summary>
    private static async Task<string[]> WriteAsync(ImportedScenario imported, FileInfo file, bool isForced, CancellationToken cancellationToken)
    {
        (string Path, string Text)[] files =
            [(file.FullName, imported.Json), .. imported.Files.Select(f => (Path.Combine(file.DirectoryName!, f.Key), f.Value))];
        if (!isForced && files.Where(f => File.Exists(f.Path)).Select(f => $"--out: '{f.Path}' exists; give --force to replace it").ToArray() is { Length: > 0 } existing)
            throw new BadInputException(existing);
        var promised = new List<PromisedFile>();
        try
        {
            foreach (var (path, _) in files)
                promised.Add(PromisedFile.Claim("--out", new FileInfo(path)));
            for (var i = 0; i < files.Length; i++)
                await promised[i].KeepAsync(files[i].Text, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            promised.ForEach(p => p.Dispose());
        }

        return [.. files.Select(f => f.Path)];
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
