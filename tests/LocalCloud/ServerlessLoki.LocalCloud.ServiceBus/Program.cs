using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using ServerlessLoki.LocalCloud.ServiceBus;

var faults = new List<string>();
var options = CommandLine.Read(args, faults);
if (faults.Count > 0)
{
    foreach (var fault in faults)
        await Console.Error.WriteLineAsync(fault);
    await Console.Error.WriteLineAsync(CommandLine.Usage);
    return 2;
}

var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.TrySetResult();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
// Standard output is for the lines that scripts read.
using var logging = LoggerFactory.Create(static b => b
    .AddSimpleConsole(static c => c.SingleLine = true)
    .Services.Configure<ConsoleLoggerOptions>(static c => c.LogToStandardErrorThreshold = LogLevel.Trace));
try
{
    await using var bus = await LocalServiceBus.StartAsync(options, logging.CreateLogger("Service Bus broker"), CancellationToken.None);
    Console.WriteLine(
        $"Service Bus broker for development and tests, on loopback only: ready. {(options.DataFolder is { } data ? $"Data in {data}." : "All in memory.")}\n"
        + $"ServiceBus={bus.ConnectionString}\n"
        + $"ServiceBus__administration={bus.AdministrationConnectionString}");
    await stop.Task;
    return 0;
}
catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException or InvalidDataException)
{
    await Console.Error.WriteLineAsync($"The broker cannot start: {exception.Message}");
    return 1;
}
