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

    private static ObjectNode OnAzure => (ObjectNode)Repository.Bicep["modules/function-app.bicep"].Of(DeclarationKind.Variable).Single(v => v.Name == "settings").Value!;

    [Fact]
    public void Storage_Locally_IsAzureStorageByAConnectionThatTheSampleSets()
    {
        var provider = Durable["storageProvider"]!.AsObject();

        Assert.Equal("AzureStorage", provider["type"]!.GetValue<string>());
        // Each kind has its own name for the connection: connectionName here, connectionStringName for azureManaged.
        Assert.Equal(["connectionName", "type"], provider.Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.True(Local.ContainsKey(provider["connectionName"]!.GetValue<string>()));
    }

    [Fact]
    public void Storage_OnAzure_IsTheSchedulerByASettingThatBicepSets()
    {
        var set = OnAzure.Properties.Where(p => p.Name!.StartsWith(Storage, StringComparison.Ordinal)).ToDictionary(p => p.Name![Storage.Length..], p => ((TextNode)p.Value).Literal, StringComparer.Ordinal);

        Assert.Equal(["connectionStringName", "type"], set.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("azureManaged", set["type"]);
        Assert.Contains(OnAzure.Properties, p => p.Name == set["connectionStringName"]);
    }

    [Fact]
    public void TaskHub_Name_IsOneEverywhere()
    {
        Assert.Equal(Durable["hubName"]!.GetValue<string>(), Local["TASKHUB_NAME"]!.GetValue<string>());
        Assert.Equal(((NameNode)OnAzure["TASKHUB_NAME"]!).Name, ((NameNode)OnAzure["AzureFunctionsJobHost__extensions__durableTask__hubName"]!).Name);
    }

    [Fact]
    public void Sample_Settings_AreInTheTable() =>
        Assert.Empty(Local.Select(v => v.Key).Except(Repository.Settings().Keys).Except(OfThePlatform));
}
