using Microsoft.Extensions.Hosting;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Functions.Setup;

try
{
    await FunctionApp.Build(args).RunAsync();
    return 0;
}
catch (SettingsException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}
