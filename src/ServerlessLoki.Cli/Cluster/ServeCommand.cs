using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Cli.Commands;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Cli.Plugins;
using ServerlessLoki.Embedded;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Cli.Cluster;

/// <summary>Commands <c>loki cluster up</c>, <c>ingress</c> and <c>planner</c>.</summary>
internal static class ServeCommand
{
    /// <summary>Builds one of the commands.</summary>
    public static Command Create(CliConsole console, Known known, string name, string description, bool servesHttp, bool plans)
    {
        var nats = new NatsCommandOptions();
        var folder = ClusterFolder.Option();
        var port = CommonOptions.Port("8080");
        var address = new Option<IPAddress>("--address")
        {
            Description = "Address to listen on; beyond loopback it needs --api-key-file or --allow-anonymous",
            DefaultValueFactory = _ => IPAddress.Loopback,
            HelpName = "IP",
            CustomParser = static r => OptionRules.Address(r.Tokens[0].Value),
        }.MustBeAddress();
        var policy = CommonOptions.Policy(known.Policies, PlanningPolicies.Default);
        var forecaster = CommonOptions.Forecaster(known.Forecasters);
        var verbose = new Option<bool>("--verbose") { Description = "Log every decision to standard error" };
        var door = new DoorOptions();
        var command = new Command(name, description) { folder, verbose };
        nats.AddTo(command);
        if (servesHttp)
        {
            command.Add(port);
            command.Add(address);
            door.AddTo(command, address);
        }

        if (plans)
        {
            command.Add(policy);
            command.Add(forecaster);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var logs = ServedHost.Logs(parsed.GetValue(verbose) ? LogLevel.Debug : LogLevel.Warning);
            var options = new ServingOptions
            {
                Nats = nats.Read(parsed),
                Folder = ClusterFolder.Of(parsed.GetValue(folder), name),
                ServesHttp = servesHttp,
                Plans = plans,
                Policy = plans ? parsed.GetValue(policy)! : PlanningPolicies.Default,
                Forecaster = plans ? parsed.GetValue(forecaster)! : Forecasting.Forecasters.Default,
                Known = known,
                Host = servesHttp
                    ? door.Apply(parsed, new EmbeddedHostOptions { Address = parsed.GetValue(address)!, Port = parsed.GetValue(port) ?? 8080, LoggerFactory = logs })
                    : new EmbeddedHostOptions { LoggerFactory = logs },
            };
            return await RunAsync(console, options, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliConsole console, ServingOptions options, CancellationToken cancellationToken)
    {
        await using var serving = await ClusterFolder.TellAsync(() => ClusterServing.StartAsync(options, cancellationToken), options.Nats.Url, options.Host);
        console.Document(new { url = serving.BaseAddress?.ToString(), plans = options.Plans, name = serving.Name, pipelines = serving.Pipelines, pid = Environment.ProcessId });
        if (!console.Json)
        {
            var what = string.Join(", ", serving.Pipelines);
            console.Line(serving.BaseAddress is { } url ? $"Serving {what} at {url}{(options.Plans ? $" and planning with policy {options.Policy}" : "")}." : $"Planning {what} with policy {options.Policy}.");
            console.Line($"This process is {serving.Name}. 'loki cluster status' shows the cluster. Ctrl-C stops; accepted runs are kept.");
        }

        await ServedHost.UntilStoppedAsync(cancellationToken);
        if (!console.Json)
            console.Line("Stopping: answering what was admitted.");
        return ExitCodes.Ok;
    }
}
