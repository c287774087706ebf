using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Nats.Messaging;
using ServerlessLoki.Nats.Setup;
using ServerlessLoki.Nats.Storage;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Cli.Cluster;

/// <summary>Command <c>loki cluster models push</c>: puts pipelines into a cluster's library.</summary>
internal static class ModelsCommand
{
    private const string PipelineFile = "pipeline.json";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console)
    {
        var nats = new NatsCommandOptions();
        var folder = new Argument<DirectoryInfo>("FOLDER") { Description = "Folder of a pipeline, with its pipeline.json and models; or a folder of such folders" };
        folder.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && !Directory.Exists(r.Tokens[0].Value))
                r.AddError($"FOLDER: there is no folder '{r.Tokens[0].Value}'");
        });
        var push = new Command("push", "Put a pipeline's folder into the cluster's library") { folder };
        nats.AddTo(push);
        push.SetAction(async (parsed, cancellationToken) =>
        {
            var options = nats.Read(parsed);
            var folders = Folders(parsed.GetValue(folder)!.FullName);
            // Refused here: workers could only fail with it.
            await PipelineFiles.ReadAsync([.. folders.Select(f => Path.Combine(f, PipelineFile))], TransformRegistry.Default, new ModelOptions(), cancellationToken);
            await using var ports = new NatsPorts(options, new QueueOptions(), TimeProvider.System, NullLoggerFactory.Instance);
            var library = new ModelLibrary(ports.Link, ports.State);
            var pushed = new List<object>();
            foreach (var path in folders)
            {
                var name = Path.GetFileName(path.TrimEnd(Path.DirectorySeparatorChar));
                var sent = await ClusterFolder.TellAsync(() => library.PushAsync(name, path, cancellationToken), options.Url);
                pushed.Add(new { name, files_sent = sent });
                if (!console.Json)
                    console.Line($"{name}: {sent} files sent. Processes that start from now on have them.");
            }

            console.Document(new { pushed });
            return ExitCodes.Ok;
        });
        return new Command("models", "Manage the pipelines and models of a cluster") { push };
    }

    private static List<string> Folders(string folder)
    {
        if (File.Exists(Path.Combine(folder, PipelineFile)))
            return [folder];
        var below = Directory.EnumerateDirectories(folder).Where(d => File.Exists(Path.Combine(d, PipelineFile))).Order(StringComparer.Ordinal).ToList();
        return below.Count > 0 ? below : throw new BadInputException($"{folder}: neither it nor a folder in it has a {PipelineFile}");
    }
}
