using System.CommandLine;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Cli.Commands;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Cli.Cluster;

/// <summary>Command <c>loki cluster worker</c>: runs models for a cluster.</summary>
internal static class WorkerCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console)
    {
        var nats = new NatsCommandOptions();
        var folder = ClusterFolder.Option();
        var device = new Option<string>("--device")
        {
            Description = "Device type of this machine, as profiles call it; machines that differ in speed have names of their own",
            DefaultValueFactory = _ => "cpu",
            HelpName = "NAME",
        };
        var slots = CommonOptions.Slots();
        var zone = new Option<string>("--zone") { Description = "Place of the machine, for example a rack, which status shows", HelpName = "Z" };
        var cores = new Option<int>("--cores")
        {
            Description = "Cores that batches use at the same time",
            DefaultValueFactory = _ => Environment.ProcessorCount,
            HelpName = "N",
        }.Within(1, 4096);
        var gpu = new Option<bool>("--gpu") { Description = "Run the models on the GPU (CUDA); falls back to the CPU where it cannot, and status says so" };
        var verbose = new Option<bool>("--verbose") { Description = "Log every decision to standard error" };
        var command = new Command("worker", "Run models for a cluster") { device, slots, zone, cores, gpu, folder, verbose };
        nats.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var logs = ServedHost.Logs(parsed.GetValue(verbose) ? LogLevel.Debug : LogLevel.Warning);
            var options = new ClusterWorkerOptions
            {
                Nats = nats.Read(parsed),
                Folder = ClusterFolder.Of(parsed.GetValue(folder), "worker"),
                Device = parsed.GetValue(device)!,
                Cores = parsed.GetValue(cores),
                Slots = parsed.GetValue(slots) ?? (parsed.GetValue(gpu) ? 1 : 8 * parsed.GetValue(cores)),
                Zone = parsed.GetValue(zone),
                Provider = parsed.GetValue(gpu) ? ExecutionProvider.Cuda : ExecutionProvider.Cpu,
                Logs = logs,
            };
            return await RunAsync(console, options, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliConsole console, ClusterWorkerOptions options, CancellationToken cancellationToken)
    {
        if (!console.Json)
            console.Line($"Worker of device {options.Device} with {options.Slots} slots: bringing the models.");
        await using var worker = await ClusterFolder.TellAsync(() => ClusterWorker.StartAsync(options, cancellationToken), options.Nats.Url);
        console.Document(new { name = worker.Name, device = options.Device, slots = options.Slots, pipelines = worker.Pipelines, pid = Environment.ProcessId });
        if (!console.Json)
            console.Line($"Working for {string.Join(", ", worker.Pipelines)} as {worker.Name}. Ctrl-C drains and stops.");
        await ServedHost.UntilStoppedAsync(cancellationToken);
        if (!console.Json)
            console.Line("Draining: no new work is taken, what runs is ended.");
        return ExitCodes.Ok;
    }
}
