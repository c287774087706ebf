using System.CommandLine;
using ServerlessLoki.Cli.Inspection;
using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Command <c>loki inspect</c>: describes an ONNX model's inputs, outputs and likely kind, and writes a first pipeline file for
/// it.</summary>
internal static class InspectCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console)
    {
        var model = new Argument<FileInfo>("MODEL") { Description = "ONNX file" };
        var write = new Option<FileInfo>("--write") { Description = "Write a first pipeline file", HelpName = "FILE" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace the file of --write where it is there already" };
        var command = new Command("inspect", "Say what an ONNX model takes, gives and looks like, and what 'loki up' cannot do with it") { model, write, overwrite };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (file, target) = (parsed.GetValue(model)!, parsed.GetValue(write));
            Check(file, target, parsed.GetValue(overwrite));
            var folder = target?.DirectoryName ?? file.DirectoryName!;
            var found = await Task.Run(() => ModelInspection.Of(ModelFacts.Read(file), folder), cancellationToken).ConfigureAwait(false);
            InspectionText.Print(console, found);
            if (target is not null && !found.IsServed)
            {
                console.Document(InspectionText.Document(found, null));
                throw new FailureException($"{target} is not written: no pipeline file with this model loads, see the limits");
            }

            if (target is null && found.IsServed)
                console.Line($"A pipeline file: loki inspect \"{file}\" --write pipeline.json");
            else if (target is not null)
                await WriteAsync(console, target, found.Draft.Text, cancellationToken).ConfigureAwait(false);
            console.Document(InspectionText.Document(found, target?.FullName));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Check(FileInfo model, FileInfo? target, bool overwrite)
    {
        if (target is null && overwrite)
            throw new BadInputException("--overwrite: there is nothing to replace without --write FILE");
        if (target is not null && Real(target) == Real(model))
            throw new BadInputException($"--write: '{target}' is the model itself, allowed: another file");
        if (target is { Exists: true } && !overwrite)
            throw new BadInputException($"--write: '{target}' exists already, allowed: a new file, or --overwrite");
    }

    // A link to the model is the model.
    private static string Real(FileInfo file) => file.Exists ? file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName : file.FullName;

    private static async Task WriteAsync(CliConsole console, FileInfo target, string text, CancellationToken cancellationToken)
    {
        var said = target.Exists ? "Replaced" : "Wrote";
        using var promised = PromisedFile.Claim("--write", target);
        await promised.KeepAsync(text, cancellationToken).ConfigureAwait(false);
        console.Line($"{said} {target.FullName}; serve it: loki up --pipeline \"{target}\"");
    }
}
