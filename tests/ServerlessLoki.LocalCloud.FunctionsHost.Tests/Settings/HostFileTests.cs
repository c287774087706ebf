using Microsoft.Extensions.Configuration;
using ServerlessLoki.LocalCloud.FunctionsHost.Settings;
using ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Settings;

public sealed class HostFileTests : IDisposable
{
    private readonly AppFolder _app = new();

    [Fact]
    public void Read_Smallest_HasTheRealHostsDefaults()
    {
        var file = Read("""{"version": "2.0"}""");
        Assert.Equal(("api", TimeSpan.FromMinutes(30), new ServiceBusSettings(0, 16, TimeSpan.FromMinutes(5), true)), (file.RoutePrefix, file.FunctionTimeout, file.ServiceBus));
    }

    [Fact]
    public void Read_All_IsTaken()
    {
        var file = Read(
            """
            {
              "version": "2.0", "functionTimeout": "00:05:00", "logging": { "logLevel": { "Function": "Warning" } },
              "extensions": {
                "http": { "routePrefix": "" },
                "serviceBus": { "prefetchCount": 3, "maxConcurrentCalls": 32, "maxAutoLockRenewalDuration": "00:10:00", "autoCompleteMessages": false },
                "durableTask": { "hubName": "loki", "storageProvider": { "type": "azureManaged" } }
              }
            }
            """);
        Assert.Equal(("", TimeSpan.FromMinutes(5), new ServiceBusSettings(3, 32, TimeSpan.FromMinutes(10), false)), (file.RoutePrefix, file.FunctionTimeout, file.ServiceBus));
        Assert.Equal(("loki", "azureManaged", "Warning"), (file.Durable["hubName"], file.Durable["storageProvider:type"], file.Logging["logLevel:Function"]));
    }

    [Fact]
    public void Read_SettingsOverIt_Win()
    {
        var file = Read(
            """{"version": "2.0", "functionTimeout": "00:05:00", "extensions": {"durableTask": {"hubName": "loki", "storageProvider": {"type": "azureManaged"}}}}""",
            ("AzureFunctionsJobHost:functionTimeout", "-1"), ("AzureFunctionsJobHost:extensions:durableTask:storageProvider:type", "AzureStorage"));
        Assert.Null(file.FunctionTimeout);
        Assert.Equal(("loki", "AzureStorage"), (file.Durable["hubName"], file.Durable["storageProvider:type"]));
    }

    [Fact]
    public void Read_Faults_AreAllListed()
    {
        var exception = Assert.Throws<SettingsException>(() => Read(
            """{"version": "1.0", "functionTimeout": "soon", "extensions": {"serviceBus": {"maxConcurrentCalls": 0, "autoCompleteMessages": "perhaps"}}}"""));
        var faults = exception.Message.Split(Environment.NewLine);
        Assert.Equal(4, faults.Length);
        Assert.Single(faults, static f => f.Contains("version is '1.0'", StringComparison.Ordinal));
        Assert.Single(faults, static f => f.Contains("functionTimeout is 'soon'; it takes a time from", StringComparison.Ordinal));
        Assert.Single(faults, static f => f.Contains("maxConcurrentCalls is '0'; it takes a whole number from 1", StringComparison.Ordinal));
        Assert.Single(faults, static f => f.Contains("autoCompleteMessages is 'perhaps'; it takes true or false", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_NoJson_IsAFaultThatNamesTheFile() =>
        Assert.Contains(HostFile.Name, Assert.Throws<SettingsException>(() => Read("{")).Message, StringComparison.Ordinal);

    public void Dispose() => _app.Dispose();

    private HostFile Read(string json, params (string Name, string Value)[] settings)
    {
        _app.Write(HostFile.Name, json);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(static s => KeyValuePair.Create(s.Name, (string?)s.Value))).Build();
        return HostFile.Read(_app.Path, new AppSettings(configuration));
    }
}
