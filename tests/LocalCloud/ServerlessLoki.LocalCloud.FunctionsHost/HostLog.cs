using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace ServerlessLoki.LocalCloud.FunctionsHost;

/// <summary>Log on standard output, with the levels of host.json.</summary>
internal static class HostLog
{
    /// <summary>Libraries whose information messages are useful only to their own developers.</summary>
    private static readonly string[] Quiet = ["Microsoft.AspNetCore", "Grpc", "Yarp", "DurableTask", "Host", "Microsoft.Azure.WebJobs", "Microsoft.Hosting", $"Function.{Durable.DurableMethods.ClientPrefix}"];

    /// <summary>Libraries that warn of each attempt; their callers report failures.</summary>
    private static readonly string[] Silent = ["Azure", "Microsoft.AspNetCore.DataProtection", "Microsoft.Extensions.Hosting"];

    public static void Configure(ILoggingBuilder builder, IConfiguration levels)
    {
        foreach (var category in Quiet)
            builder.AddFilter(category, LogLevel.Warning);
        foreach (var category in Silent)
            builder.AddFilter(category, LogLevel.None);
        builder.AddConfiguration(levels).AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
            console.UseUtcTimestamp = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
    }
}
