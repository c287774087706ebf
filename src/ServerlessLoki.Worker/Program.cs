using System.Net.Sockets;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Worker;

try
{
    await using var app = WorkerHost.Build(args);
    await app.RunAsync();
    return Environment.ExitCode;
}
catch (SettingsException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}
catch (Exception exception) when (exception is IOException or SocketException)
{
    await Console.Error.WriteLineAsync($"The worker cannot start: {exception.Message} Its probes listen at the addresses of the setting 'urls': free the port, or name another (--urls http://127.0.0.1:8081).");
    return 1;
}
