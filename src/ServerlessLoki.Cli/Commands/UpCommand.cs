using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Cli.Plugins;
using ServerlessLoki.Embedded;
using ServerlessLoki.Planning;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Command <c>loki up</c>: serves pipelines until stopped.</summary>
internal static class UpCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console, Known known)
    {
        var pipelines = new Option<FileInfo[]>("--pipeline")
        {
            Description = "Pipeline file, may be given several times; default the traffic sample",
            HelpName = "FILE",
        };
        pipelines.Validators.Add(r =>
        {
            foreach (var token in r.Tokens.Where(t => !File.Exists(t.Value)))
                r.AddError($"--pipeline: there is no file '{token.Value}'");
        });
        var slots = CommonOptions.Slots();
        var slotMemory = CommonOptions.SlotMemory();
        var port = CommonOptions.Port("8080");
        var address = new Option<IPAddress>("--address")
        {
            Description = "Address to listen on; beyond loopback it needs --api-key-file or --allow-anonymous",
            DefaultValueFactory = _ => IPAddress.Loopback,
            HelpName = "IP",
            CustomParser = static r => OptionRules.Address(r.Tokens[0].Value),
        }.MustBeAddress();
        var probePort = new Option<int?>("--probe-port")
        {
            Description = "Port for health probes and /metrics on a thread of their own, beside the main one; 0 = any free one; default none",
            HelpName = "P",
        }.Within(0, 65_535);
        var data = new Option<DirectoryInfo>("--data")
        {
            Description = "Folder for runs and profiles",
            DefaultValueFactory = _ => new DirectoryInfo("data"),
            HelpName = "DIR",
        };
        var policy = CommonOptions.Policy(known.Policies, PlanningPolicies.Default);
        var forecaster = CommonOptions.Forecaster(known.Forecasters);
        var profile = CommonOptions.Profile();
        var maxDeadline = new Option<double>("--max-deadline")
        {
            Description = "Longest deadline that a query may ask for, seconds; runs may ask for a day",
            DefaultValueFactory = _ => new InferLimits().MaxDeadline.TotalSeconds,
            HelpName = "S",
        }.Within(0.001, 86_400);
        var door = new DoorOptions();
        var verbose = new Option<bool>("--verbose") { Description = "Log every decision to standard error" };
        var command = new Command("up", "Serve pipelines over HTTP on this machine") { pipelines, slots, slotMemory, port, probePort, address, data, policy, forecaster, profile, maxDeadline, verbose };
        door.AddTo(command, address);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var logs = ServedHost.Logs(parsed.GetValue(verbose) ? LogLevel.Debug : LogLevel.Warning);
            var files = parsed.GetValue(pipelines) is { Length: > 0 } given ? given.Select(f => f.FullName) : [TrafficSample.PipelinePath];
            var options = new EmbeddedHostOptions
            {
                PipelineFiles = [.. files],
                DataDirectory = parsed.GetValue(data)!.FullName,
                ProfileFile = parsed.GetValue(profile)?.FullName,
                Slots = parsed.GetValue(slots),
                SlotMemoryMiB = parsed.GetValue(slotMemory),
                Address = parsed.GetValue(address)!,
                Port = parsed.GetValue(port) ?? 8080,
                ProbePort = parsed.GetValue(probePort),
                Policy = parsed.GetValue(policy),
                Engine = new EngineOptions { Forecaster = parsed.GetValue(forecaster)!, KnownPolicies = known.Policies, KnownForecasters = known.Forecasters },
                Limits = new InferLimits { MaxDeadline = TimeSpan.FromSeconds(parsed.GetValue(maxDeadline)) },
                LoggerFactory = logs,
            };
            options = door.Apply(parsed, options);
            return await RunAsync(console, options, cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliConsole console, EmbeddedHostOptions options, CancellationToken cancellationToken)
    {
        var host = await ServedHost.StartAsync(options, cancellationToken).ConfigureAwait(false);
        await using (host.ConfigureAwait(false))
        {
            var names = host.Engine.Pipelines.Select(p => p.Pipeline.Name).ToArray();
            console.Document(new { url = host.BaseAddress.ToString(), probe_url = host.ProbeAddress?.ToString(), pipelines = names, policy = options.Policy, pid = Environment.ProcessId });
            if (!console.Json)
            {
                console.Line($"Serving {string.Join(", ", names)} at {host.BaseAddress} with policy {options.Policy}. Try:");
                foreach (var line in ServedHost.TryLines(host))
                    console.Line(line);
                if (host.ProbeAddress is { } probes)
                    console.Line($"Probes have {probes}v2/health/live, {probes}v2/health/ready and {probes}metrics to themselves.");
                console.Line("Ctrl-C stops; accepted runs are kept.");
            }

            await ServedHost.UntilStoppedAsync(cancellationToken).ConfigureAwait(false);
            if (!console.Json)
                console.Line("Stopping: answering what was admitted.");
        }

        return ExitCodes.Ok;
    }
}
