using System.CommandLine;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Nats.Setup;

namespace ServerlessLoki.Cli.Cluster;

/// <summary>Command <c>loki cluster permissions</c>: writes the users of a NATS server, each with the rights of its role.</summary>
internal static class PermissionsCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console)
    {
        var prefix = new Option<string>("--cluster")
        {
            Description = "Name of the cluster: the first part of all names on the server",
            DefaultValueFactory = _ => new NatsOptions().Prefix,
            HelpName = "NAME",
        };
        var command = new Command("permissions", "Write the users and rights of each role, for the configuration of nats-server") { prefix };
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(prefix)!;
            if (new NatsOptions { Prefix = name }.Faults() is { Count: > 0 } faults)
                throw new BadInputException([.. faults.Select(f => f.ToString())]);
            var roles = Enum.GetValues<ClusterRole>();
            console.Document(new { users = roles.Select(r => new { user = RolePermissions.User(r), publish = RolePermissions.Publish(r, name), subscribe = RolePermissions.Subscribe(r, name) }) });
            if (!console.Json)
            {
                console.Line("# Users of a loki cluster: include this in the configuration of nats-server. The passwords come from its environment:");
                console.Line($"# {string.Join(", ", roles.Select(Variable))}; a bcrypt hash ('nats server passwd') in place of a password keeps it from being read there.");
                console.Line(RolePermissions.ServerConfiguration(name, r => "$" + Variable(r)));
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static string Variable(ClusterRole role) => $"LOKI_{role.ToString().ToUpperInvariant()}_PASSWORD";
}
