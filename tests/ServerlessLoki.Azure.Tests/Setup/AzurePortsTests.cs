using Azure.Messaging.ServiceBus.Administration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Azure.Tests.ServiceBus;
using ServerlessLoki.LocalCloud.ServiceBus;

namespace ServerlessLoki.Azure.Tests.Setup;

public sealed class AzurePortsTests
{
    [Fact]
    public async Task Keeper_AdministrationElsewhere_MakesQueuesThere()
    {
        await using var broker = await LocalServiceBus.StartAsync(new LocalServiceBusOptions { AmqpPort = 0, AdministrationPort = 0 }, TestContext.Current.CancellationToken);
        await using var ports = Ports(new()
        {
            ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true",
            ["ServiceBus"] = broker.ConnectionString,
            ["ServiceBus:administration"] = broker.AdministrationConnectionString,
        });

        await ports.Keeper.EnsureAsync([TestNamespace.Stage], CancellationToken.None);

        var name = StageQueueNames.Of(TestNamespace.Stage);
        Assert.True(await new ServiceBusAdministrationClient(broker.AdministrationConnectionString).QueueExistsAsync(name, CancellationToken.None));
    }

    [Fact]
    public async Task PipelineFiles_NoContainer_AreThoseOfTheFolder()
    {
        var folder = Directory.CreateTempSubdirectory("loki-ports");
        try
        {
            await using var ports = Ports(new() { ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true", ["ServiceBus"] = "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true" });
            folder.CreateSubdirectory("half-made");
            await Assert.ThrowsAsync<FileNotFoundException>(() => ports.PipelineFilesAsync(folder.FullName, wanted: null, CancellationToken.None));
            var file = Path.Combine(folder.CreateSubdirectory("traffic").FullName, "pipeline.json");
            await File.WriteAllTextAsync(file, "{}", TestContext.Current.CancellationToken);

            Assert.Equal([file], await ports.PipelineFilesAsync(folder.FullName, wanted: null, CancellationToken.None));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static AzurePorts Ports(Dictionary<string, string?> values)
    {
        var reader = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        var settings = AzureSettings.Read(reader);
        reader.ThrowIfFaulty();
        return new AzurePorts(settings, TimeProvider.System, NullLoggerFactory.Instance);
    }
}
