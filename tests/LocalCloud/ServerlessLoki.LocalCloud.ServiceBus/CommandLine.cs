using System.Globalization;

namespace ServerlessLoki.LocalCloud.ServiceBus;

/// <summary>Arguments of the program.</summary>
internal static class CommandLine
{
    public const string Usage = "usage: ServerlessLoki.LocalCloud.ServiceBus [--amqp-port N] [--admin-port N] [--data FOLDER]   (port 0 = a free one)";

    /// <summary>Reads the arguments and records every fault.</summary>
    public static LocalServiceBusOptions Read(string[] args, List<string> faults)
    {
        var options = new LocalServiceBusOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--amqp-port":
                    options = options with { AmqpPort = Port(args[i], value, faults) };
                    break;
                case "--admin-port":
                    options = options with { AdministrationPort = Port(args[i], value, faults) };
                    break;
                case "--data":
                    if (string.IsNullOrWhiteSpace(value))
                        faults.Add("--data: nothing follows it, but a folder must. Leave it out to keep everything in memory.");
                    options = options with { DataFolder = value };
                    break;
                default:
                    faults.Add($"'{args[i]}' is no argument; allowed are --amqp-port, --admin-port and --data.");
                    i--;
                    break;
            }
        }

        if (options.AmqpPort == options.AdministrationPort && options.AmqpPort != 0)
            faults.Add($"--amqp-port and --admin-port are both {options.AmqpPort}, but must differ. Choose another one, or 0 for a free one.");
        return options;
    }

    private static int Port(string name, string? value, List<string> faults)
    {
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= ushort.MaxValue)
            return port;
        faults.Add($"{name} is '{value}', but must be a number from 0 to {ushort.MaxValue} (0 = a free port).");
        return 0;
    }
}
