using Microsoft.Extensions.Configuration;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Worker.Tests;

public sealed class WorkerSettingsTests
{
    private static readonly Dictionary<string, string?> Local = new(StringComparer.Ordinal)
    {
        ["Loki:ModelCache"] = "/models",
        ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true",
        ["ServiceBus"] = "Endpoint=sb://localhost;UseDevelopmentEmulator=true",
    };

    [Fact]
    public void Read_LocalLeast_TakesDefaults()
    {
        var settings = Read(Local);

        Assert.Equal(("cpu", 1, "payloads", 20), (settings.Device, settings.Slots, settings.Azure.PayloadContainer, (int)settings.Drain.TotalSeconds));
        Assert.Equal(ExecutionProvider.Cpu, settings.Provider);
        Assert.Null(settings.Azure.ModelsContainer);
    }

    [Fact]
    public void Read_AsOnAzure_TakesAll()
    {
        var settings = Read(new(StringComparer.Ordinal)
        {
            ["Loki:ModelCache"] = "/models",
            ["Loki:ModelsContainer"] = "models",
            ["Loki:Device"] = "t4",
            ["Loki:Slots"] = "4",
            ["Loki:DrainSeconds"] = "110",
            ["Loki:TableServiceUri"] = "https://x.table.core.windows.net/",
            ["Loki:BlobServiceUri"] = "https://x.blob.core.windows.net/",
            ["ServiceBus:fullyQualifiedNamespace"] = "x.servicebus.windows.net",
        });

        Assert.Equal(("t4", 4, "models", 110), (settings.Device, settings.Slots, settings.Azure.ModelsContainer, (int)settings.Drain.TotalSeconds));
        Assert.Equal(ExecutionProvider.Cuda, settings.Provider);
    }

    [Fact]
    public void Read_ManyFaults_ListsThemAll()
    {
        var refused = Assert.Throws<SettingsException>(static () => Read(new(StringComparer.Ordinal)
        {
            ["Loki:Slots"] = "0",
            ["Loki:DrainSeconds"] = "soon",
            ["Loki:TableServiceUri"] = "table",
        }));

        Assert.All(
            ["Loki__ModelCache is not set", "Loki__Slots is '0'", "Loki__DrainSeconds is 'soon'", "Loki__TableServiceUri is 'table'", "ServiceBus__fullyQualifiedNamespace is not set"],
            fault => Assert.Contains(fault, refused.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void ToString_Secrets_AreNotInIt() => Assert.DoesNotContain("Endpoint", Read(Local).ToString(), StringComparison.Ordinal);

    private static WorkerSettings Read(Dictionary<string, string?> values) =>
        WorkerSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
}
