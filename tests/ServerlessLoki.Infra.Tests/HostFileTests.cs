using System.Text.Json.Nodes;
using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>host.json, the sample of local settings, and what Bicep puts over them: one storage of orchestrations at a time, under one name.</summary>
public sealed class HostFileTests
{
    private const string Storage = "AzureFunctionsJobHost__extensions__durableTask__storageProvider__";

    /// <summary>Read by the platform, not by us.</summary>
    private static readonly string[] OfThePlatform = ["FUNCTIONS_WORKER_RUNTIME"];

    private static JsonNode Durable => JsonNode.Parse(Repository.Text("host.json"))!["extensions"]!["durableTask"]!;

    private static JsonObject Local => JsonNode.Parse(Repository.Text("local.settings.sample.json"))!["Values"]!.AsObject();

    private static IReadOnlyDictionary<string, string> OnAzure => Infrastructure.Everything.FunctionSettings;

    /// <summary>In the file itself: what scales the app on Azure reads it, and does not see settings that override it.</summary>
    [Fact]
    public void Storage_OnAzure_IsTheSchedulerByASettingThatBicepSets()
    {
        var provider = Durable["storageProvider"]!.AsObject();

        Assert.Equal("azureManaged", provider["type"]!.GetValue<string>());
        // Each kind has its own name for the connection: connectionStringName here, connectionName for AzureStorage.
        Assert.Equal(["connectionStringName", "type"], provider.Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.True(OnAzure.ContainsKey(provider["connectionStringName"]!.GetValue<string>()));
        Assert.DoesNotContain(OnAzure.Keys, k => k.StartsWith(Storage, StringComparison.Ordinal));
    }

    [Fact]
    public void Storage_Locally_IsAzureStorageByAConnectionThatTheSampleSets()
    {
        Assert.Equal("AzureStorage", Local[Storage + "type"]!.GetValue<string>());
        Assert.True(Local.ContainsKey(Local[Storage + "connectionName"]!.GetValue<string>()));
    }

    [Fact]
    public void TaskHub_Name_IsOneEverywhere() =>
        Assert.Equal(Durable["hubName"]!.GetValue<string>(), PredictedDeployment.NameOf(Infrastructure.Default.The("Microsoft.DurableTask/schedulers/taskHubs")).Split('/')[1]);

    [Fact]
    public void Sample_Settings_AreInTheTable() =>
        Assert.Empty(Local.Select(v => v.Key).Except(Repository.Settings().Keys).Except(OfThePlatform));
}
