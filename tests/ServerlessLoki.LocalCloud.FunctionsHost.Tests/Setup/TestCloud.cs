using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;
using ServerlessLoki.LocalCloud.ServiceBus;
using ServerlessLoki.TestUtils;

[assembly: AssemblyFixture(typeof(TestCloud))]

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;

/// <summary>Azurite, a broker and a host with the test app, for all tests that leave them whole.</summary>
public sealed class TestCloud : IAsyncDisposable
{
    public const string App = "ServerlessLoki.LocalCloud.TestApp";
    private readonly string _data = Directory.CreateTempSubdirectory("loki-host-").FullName;
    private readonly int _busPorts = FixedPorts.Free(count: 2);
    private readonly SemaphoreSlim _gate = new(1);
    private readonly AzuriteFixture _azurite = new();
    private LocalServiceBus? _bus;
    private TestHost? _host;

    internal async Task<TestHost> HostAsync()
    {
        await _gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_host is null)
            {
                // First, as it skips the test where there is none: then nothing is started for it.
                await StorageAsync();
                await StartBusAsync();
                await Queues().CreateQueueAsync(new CreateQueueOptions("orders") { LockDuration = TimeSpan.FromSeconds(5), MaxDeliveryCount = 5 }, TestContext.Current.CancellationToken);
                _host = await TestHost.StartAsync(App, new Dictionary<string, string>(await SettingsAsync(), StringComparer.Ordinal) { ["OrdersQueue"] = "orders", ["AutosQueue"] = "autos" }, asksForKeys: true);
            }

            return _host;
        }
        finally
        {
            _gate.Release();
        }
    }

    internal Task<string> StorageAsync() => _azurite.ConnectionStringAsync();

    internal ServiceBusClient Client() => new(_bus!.ConnectionString);

    internal ServiceBusAdministrationClient Queues() => new(_bus!.AdministrationConnectionString);

    /// <summary>Ends the broker and starts it again, on the same messages at the same address. A test that does this has a cloud of its own.</summary>
    internal async Task RestartBusAsync(TimeSpan away)
    {
        await _bus!.DisposeAsync();
        await Task.Delay(away, TestContext.Current.CancellationToken);
        await StartBusAsync();
    }

    /// <summary>Settings of a test app that shares nothing but servers with others; its queues are not there.</summary>
    internal async Task<Dictionary<string, string>> SettingsAsync() => new(StringComparer.Ordinal)
    {
        ["AzureWebJobsStorage"] = await StorageAsync(),
        ["AzureFunctionsWebHost__hostid"] = AzuriteFixture.UniqueName(),
        ["AzureFunctionsJobHost__extensions__durableTask__hubName"] = AzuriteFixture.UniqueName(),
        ["AzureFunctionsJobHost__extensions__durableTask__storageProvider__maxQueuePollingInterval"] = "00:00:01",
        ["ServiceBus"] = _bus?.ConnectionString ?? "Endpoint=sb://127.0.0.1:9;SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true",
        ["OrdersQueue"] = AzuriteFixture.UniqueName(),
        ["AutosQueue"] = AzuriteFixture.UniqueName(),
        ["TickSchedule"] = "* * * * * *",
        ["AzureWebJobs.Off.Disabled"] = "true",
        ["FromTheTest"] = "a setting",
    };

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        if (_bus is not null)
            await _bus.DisposeAsync();
        await _azurite.DisposeAsync();
        _gate.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private async Task StartBusAsync() => _bus = await LocalServiceBus.StartAsync(
        new LocalServiceBusOptions { AmqpPort = _busPorts, AdministrationPort = _busPorts + 1, DataFolder = _data }, TestContext.Current.CancellationToken);
}
