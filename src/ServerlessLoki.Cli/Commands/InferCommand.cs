using System.CommandLine;
using ServerlessLoki.Cli.Annotate;
using ServerlessLoki.Cli.Inference;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Cli.Plugins;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving.Audio;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Command <c>loki infer</c>: sends one image or sound to a pipeline.</summary>
internal static class InferCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console, Known known)
    {
        var image = new Option<FileInfo>("--image") { Description = $"Picture file: {PictureFormats.Names}", HelpName = "FILE" }.MustExist();
        var audio = new Option<FileInfo>("--audio") { Description = "WAV file, in place of a picture", HelpName = "FILE" }.MustExist();
        var output = new Option<FileInfo>("--out") { Description = "Annotated PNG to write", HelpName = "FILE" };
        var url = new Option<Uri>("--url") { Description = "A running server; default: in this process", HelpName = "URL" }.MustBeHttp();
        var name = new Option<string>("--model") { Description = "Pipeline name on the server; default its first", HelpName = "NAME" };
        var pipeline = CommonOptions.Pipeline();
        var policy = CommonOptions.Policy(known.Policies, PlanningPolicies.HardwareOnly);
        // A rule of the command would hide what is wrong with single options: it is the option's that always has a value.
        policy.Validators.Add(r =>
        {
            if (r.GetResult(image) is null && r.GetResult(audio) is null)
                r.AddError("--image FILE or --audio FILE is missing");
            if (r.GetResult(audio) is not null && (r.GetResult(image) is not null || r.GetResult(output) is not null))
                r.AddError("--audio: a sound is asked about alone, and nothing is drawn into it: leave --image and --out out");
            if (r.GetResult(url) is null && r.GetResult(name) is not null)
                r.AddError("--model names a pipeline of a server: give --url too");
            if (r.GetResult(url) is not null && (r.GetResult(pipeline) is { Implicit: false } || r.GetResult(policy) is { Implicit: false }))
                r.AddError("--pipeline and --policy are the server's own matter when --url is given");
        });
        var command = new Command("infer", "Ask a pipeline about one picture or sound") { image, audio, output, url, name, pipeline, policy };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var file = parsed.GetValue(audio) ?? parsed.GetValue(image)!;
            var isSound = parsed.GetValue(audio) is not null;
            var bytes = await File.ReadAllBytesAsync(file.FullName, cancellationToken).ConfigureAwait(false);
            if (isSound)
                Check(bytes, file.Name);
            using var picture = isSound ? null : Decode(bytes, file.Name);
            var answer = parsed.GetValue(url) is { } server
                ? await HttpInference.AskAsync(LoadCommand.Base(server), parsed.GetValue(name), bytes, cancellationToken).ConfigureAwait(false)
                : await LocalInference.AskAsync(
                    CommonOptions.PathOf(parsed.GetValue(pipeline)), known.Policies, parsed.GetValue(policy)!, bytes, cancellationToken).ConfigureAwait(false);
            string? written = null;
            if (parsed.GetValue(output) is { } to && picture is not null)
            {
                using var annotated = Annotator.Draw(picture, answer.Marks());
                Directory.CreateDirectory(to.DirectoryName!);
                await File.WriteAllBytesAsync(to.FullName, PictureCodec.EncodePng(annotated), cancellationToken).ConfigureAwait(false);
                written = to.FullName;
            }

            InferTables.Print(console.Screen, answer);
            if (written is not null)
                console.Line($"Wrote {written}");
            if (isSound)
                console.Document(new { audio = file.FullName, answer });
            else
                console.Document(new { image = file.FullName, annotated = written, answer });
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Check(byte[] file, string name)
    {
        try
        {
            WavHeader.Read(file);
        }
        catch (SoundFormatException e)
        {
            throw new BadInputException($"--audio: {name} cannot be read: {e.Message}");
        }
    }

    private static RgbImage Decode(byte[] file, string name)
    {
        try
        {
            return PictureCodec.Decode(file, ImageLimits.Default);
        }
        catch (ImageFormatException e)
        {
            throw new BadInputException($"--image: {name} cannot be read: {e.Message}");
        }
    }
}
