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
