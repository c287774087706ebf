using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using ServerlessLoki.LocalCloud.FunctionsHost;
using ServerlessLoki.LocalCloud.FunctionsHost.Settings;

Console.WriteLine("Functions host of ServerlessLoki's tests: for development and tests only, on the loopback interface only. It is no Azure Functions host.");
using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    var options = HostOptions.Parse(args);
    // The Durable extension takes it for a sign that this is a Consumption plan, and writes its events to the console.
    Environment.SetEnvironmentVariable("CONTAINER_NAME", null);
    var settings = AppSettings.Load(options.App);
    // The Durable extension asks for it, and so may the app.
    if (settings["FUNCTIONS_WORKER_RUNTIME"] is null)
        Environment.SetEnvironmentVariable("FUNCTIONS_WORKER_RUNTIME", "dotnet-isolated");
    var file = HostFile.Read(options.App, settings);
    using var logs = LoggerFactory.Create(builder => HostLog.Configure(builder, file.Logging));
    await new LocalHost(options, file, settings, WorkerDescription.Read(options.App), logs, TimeProvider.System)
        .RunAsync(static address => Console.WriteLine($"ready: {address.GetLeftPart(UriPartial.Authority)}"), stopping.Token);
    return 0;
}
catch (SettingsException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}
catch (Exception exception) when (exception is InvalidOperationException or IOException or Win32Exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}
