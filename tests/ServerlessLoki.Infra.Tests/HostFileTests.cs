using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>host.json, the sample of local settings, and what Bicep puts over them: one storage of orchestrations at a time, under one name.</summary>
public sealed partial class HostFileTests
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
        Assert.Equal(["connectionStringName", "type"], provider.Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.True(OnAzure.ContainsKey(provider["connectionStringName"]!.GetValue<string>()));
        Assert.DoesNotContain(OnAzure.Keys, k => k.StartsWith(Storage, StringComparison.Ordinal));
    }

    [Fact]
    public void Storage_Locally_IsAzureStorageByAConnectionThatTheSampleSets()
    {
        Assert.Equal("AzureStorage", Local[Storage + "type"]!.GetValue<string>());
        Assert.True(Local.ContainsKey(Local[Storage + "connectionStringName"]!.GetValue<string>()));
        // What host.json says of the scheduler must not stay: AzureStorage reads connectionStringName as well, and it wins over connectionName.
        Assert.All(Durable["storageProvider"]!.AsObject(), p => Assert.True(Local.ContainsKey(Storage + p.Key), p.Key));
    }

    [Fact]
    public void Overrides_OfSampleAndScript_AreTheSame()
    {
        var script = Repository.Text("scripts/func.sh");
        foreach (Match prefix in ScriptPrefix().Matches(script))
            script = script.Replace($"${{{prefix.Groups["name"].Value}}}", prefix.Groups["value"].Value, StringComparison.Ordinal);

        Assert.Equal(
            Overrides().Select(o => $"{o.Key}={o.Value!.GetValue<string>()}").Order(StringComparer.Ordinal),
            ScriptOverride().Matches(script).Select(m => m.Value).Order(StringComparer.Ordinal));
    }

    /// <summary>A name that the host does not know is passed over without a word.</summary>
    [Fact]
    public void Overrides_OfTheSample_AreOptionsOfDurablesStorage()
    {
        var options = HostExtension.PropertiesOf("AzureStorageOptions");
        Assert.Contains("connectionStringName", options);

        Assert.All(Overrides(), o =>
        {
            var name = o.Key[Storage.Length..];
            Assert.StartsWith(Storage, o.Key, StringComparison.Ordinal);
            Assert.True(name == "type" || options.Contains(name), name);
            Assert.True(!name.EndsWith("Timeout", StringComparison.Ordinal) || TimeSpan.TryParseExact(o.Value!.GetValue<string>(), "c", null, out _), o.Value!.GetValue<string>());
        });
    }

    [Fact]
    public void TaskHub_Name_IsOneEverywhere() =>
        Assert.Equal(Durable["hubName"]!.GetValue<string>(), PredictedDeployment.NameOf(Infrastructure.Default.The("Microsoft.DurableTask/schedulers/taskHubs")).Split('/')[1]);

    [Fact]
    public void Sample_Settings_AreInTheTable() =>
        Assert.Empty(Local.Select(v => v.Key).Except(Repository.Settings().Keys).Except(OfThePlatform));

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Overrides() => Local.Where(v => v.Key.StartsWith("AzureFunctionsJobHost__", StringComparison.Ordinal));

    [GeneratedRegex(@"^(?<name>\w+)=(?<value>AzureFunctionsJobHost__\w+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ScriptPrefix();

    [GeneratedRegex(@"AzureFunctionsJobHost__\w+=[^""'\s]+", RegexOptions.None, 1000)]
    private static partial Regex ScriptOverride();
}
