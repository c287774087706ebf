using System.CommandLine;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Cli.Plugins;

namespace ServerlessLoki.Cli.Cluster;

/// <summary>Command <c>loki cluster</c>: the same system on several machines, over NATS.</summary>
internal static class ClusterCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console, Known known) => new("cluster", "Serve pipelines on several machines, over NATS with JetStream")
    {
        ServeCommand.Create(console, known, "up", "Serve the HTTP API and plan, in one process", servesHttp: true, plans: true),
        ServeCommand.Create(console, known, "ingress", "Serve the HTTP API", servesHttp: true, plans: false),
        ServeCommand.Create(console, known, "planner", "Plan; of several planners one leads", servesHttp: false, plans: true),
        WorkerCommand.Create(console),
        StatusCommand.Create(console),
        ModelsCommand.Create(console),
        PermissionsCommand.Create(console),
    };
}
