using System.Text.Json;
using System.Text.RegularExpressions;
using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>Resources: versions, names, doors that stay shut, and what the platform asks of workers.</summary>
public sealed partial class ResourceTests
{
    /// <summary>The one version of each type. A newer one is taken on purpose, after its properties were looked at.</summary>
    private static readonly string[] Versions =
    [
        "Microsoft.App/containerApps@2026-01-01",
        "Microsoft.App/managedEnvironments@2026-01-01",
        "Microsoft.Authorization/roleAssignments@2022-04-01",
        "Microsoft.Consumption/budgets@2024-08-01",
        "Microsoft.ContainerRegistry/registries@2025-11-01",
        "Microsoft.DurableTask/schedulers@2026-02-01",
        "Microsoft.DurableTask/schedulers/taskHubs@2026-02-01",
        "Microsoft.Insights/components@2020-02-02",
        "Microsoft.Insights/diagnosticSettings@2021-05-01-preview",
        "Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30",
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01",
        "Microsoft.Network/privateDnsZones@2024-06-01",
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01",
        "Microsoft.Network/privateEndpoints@2025-05-01",
        "Microsoft.Network/virtualNetworks/subnets@2025-05-01",
        "Microsoft.Network/virtualNetworks@2025-05-01",
        "Microsoft.OperationalInsights/workspaces@2026-03-01",
        "Microsoft.Resources/resourceGroups@2025-04-01",
        "Microsoft.ServiceBus/namespaces/queues@2026-01-01",
        "Microsoft.ServiceBus/namespaces@2026-01-01",
        "Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01",
        "Microsoft.Storage/storageAccounts/blobServices@2025-08-01",
        "Microsoft.Storage/storageAccounts/managementPolicies@2025-08-01",
        "Microsoft.Storage/storageAccounts@2025-08-01",
        "Microsoft.Web/serverfarms@2025-03-01",
        "Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01",
        "Microsoft.Web/sites@2025-03-01",
    ];

    [Fact]
    public void Resources_Versions_AreThosePinned()
    {
        var compiled = Infrastructure.Main.All.SelectMany(t => t.Resources).Select(ArmTemplate.VersionedTypeOf);
        // Where a template refers to an existing resource by id alone, the compiler drops the version that the file gives.
        var written = Infrastructure.Paths.SelectMany(p => WrittenType().Matches(Repository.Text($"infra/{p}"))).Select(m => m.Value.Trim('\''));

        Assert.Equal(Versions.Order(StringComparer.Ordinal), compiled.Concat(written).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Microsoft.Storage/storageAccounts", "allowSharedKeyAccess", false)]
    [InlineData("Microsoft.Storage/storageAccounts", "allowBlobPublicAccess", false)]
    [InlineData("Microsoft.Storage/storageAccounts", "supportsHttpsTrafficOnly", true)]
    [InlineData("Microsoft.Storage/storageAccounts", "defaultToOAuthAuthentication", true)]
    [InlineData("Microsoft.ServiceBus/namespaces", "disableLocalAuth", true)]
    [InlineData("Microsoft.ContainerRegistry/registries", "adminUserEnabled", false)]
    [InlineData("Microsoft.ContainerRegistry/registries", "anonymousPullEnabled", false)]
    [InlineData("Microsoft.OperationalInsights/workspaces", "features.disableLocalAuth", true)]
    [InlineData("Microsoft.Insights/components", "DisableLocalAuth", true)]
    [InlineData("Microsoft.Web/sites", "httpsOnly", true)]
    [InlineData("Microsoft.Web/sites/basicPublishingCredentialsPolicies", "allow", false)]
    public void Resource_KeysAndOpenDoors_AreOff(string type, string property, bool expected)
    {
        var resources = Infrastructure.Default.Of(type).Concat(Infrastructure.Everything.Of(type)).ToList();

        Assert.NotEmpty(resources);
        Assert.All(resources, r => Assert.Equal(expected, property.Split('.').Aggregate(r["properties"], (node, name) => node?[name])?.GetValue<bool>()));
    }

    [Theory]
    [InlineData("Microsoft.Storage/storageAccounts/blobServices/containers", "publicAccess", "None")]
    [InlineData("Microsoft.Storage/storageAccounts", "minimumTlsVersion", "TLS1_2")]
    [InlineData("Microsoft.ServiceBus/namespaces", "minimumTlsVersion", "1.2")]
    public void Resource_Access_IsNarrow(string type, string property, string expected) =>
        Assert.All(Infrastructure.Everything.Of(type), r => Assert.Equal(expected, r["properties"]![property]?.GetValue<string>()));

    [Fact]
    public void PrivateNetwork_StorageAndServiceBus_AreClosed()
    {
        var account = Infrastructure.Everything.The("Microsoft.Storage/storageAccounts")["properties"]!;
        var bus = Infrastructure.Everything.The("Microsoft.ServiceBus/namespaces");

        Assert.Equal("Deny", account["networkAcls"]!["defaultAction"]!.GetValue<string>());
        Assert.Equal(["192.0.2.1"], account["networkAcls"]!["ipRules"]!.AsArray().Select(r => r!["value"]!.GetValue<string>()));
        Assert.Equal("Disabled", bus["properties"]!["publicNetworkAccess"]!.GetValue<string>());
        Assert.Equal("Premium", bus["sku"]!["name"]!.GetValue<string>());
        Assert.Equal(
            ["blob", "namespace", "queue", "table"],
            Infrastructure.Everything.Of("Microsoft.Network/privateEndpoints")
                .Select(e => e["properties"]!["privateLinkServiceConnections"]!.AsArray().Single()!["properties"]!["groupIds"]!.AsArray().Single()!.GetValue<string>())
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Templates_Secrets_AreNeitherListedNorPutOut()
    {
        var templates = Infrastructure.Main.All.ToList();

        Assert.DoesNotContain(templates.SelectMany(t => t.Expressions), e => SecretCall().IsMatch(e));
        Assert.DoesNotContain(templates.SelectMany(t => t.Outputs), o => IsSecret(o.Key) || IsSecret(o.Value!["value"]?.ToJsonString() ?? ""));
        Assert.DoesNotContain(templates.SelectMany(t => t.Parameters), p => IsSecret(p.Key));

        static bool IsSecret(string name) =>
            new[] { "password", "secret", "key", "connectionstring", "instrumentation", "credential", "token" }
                .Any(s => name.Contains(s, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Worker_ScaleRules_GoByIdentityWithTextMetadata() =>
        Assert.All(Infrastructure.Everything.Of("Microsoft.App/containerApps"), worker =>
        {
            var custom = PredictedDeployment.ScaleRuleOf(worker)["custom"]!;

            Assert.Equal("azure-servicebus", custom["type"]!.GetValue<string>());
            Assert.Equal(IdentityOf("platform"), custom["identity"]!.GetValue<string>());
            Assert.Null(custom["auth"]);
            Assert.Equal(["namespace", "queueName", "messageCount"], custom["metadata"]!.AsObject().Select(p => p.Key));
            Assert.All(custom["metadata"]!.AsObject(), p => Assert.Equal(JsonValueKind.String, p.Value!.GetValueKind()));
        });

    [Fact]
    public void Worker_PlatformIdentity_IsOutOfReachOfItsCode() =>
        Assert.All(Infrastructure.Everything.Of("Microsoft.App/containerApps"), worker =>
        {
            var configuration = worker["properties"]!["configuration"]!;
            var lifecycles = configuration["identitySettings"]!.AsArray()
                .ToDictionary(s => s!["identity"]!.GetValue<string>(), s => s!["lifecycle"]!.GetValue<string>(), StringComparer.Ordinal);

            Assert.Equal("None", lifecycles[IdentityOf("platform")]);
            Assert.Equal("Main", lifecycles[IdentityOf("worker")]);
            Assert.Null(configuration["ingress"]);
        });

    [Fact]
    public void Storage_Payloads_AreDeletedByRuleAtTheLatest()
    {
        var rule = Infrastructure.Default.The("Microsoft.Storage/storageAccounts/managementPolicies")["properties"]!["policy"]!["rules"]!.AsArray().Single()!["definition"]!;

        Assert.Equal([Infrastructure.Default.FunctionSettings["Loki__PayloadContainer"] + "/"], rule["filters"]!["prefixMatch"]!.AsArray().Select(p => p!.GetValue<string>()));
        Assert.InRange(rule["actions"]!["baseBlob"]!["delete"]!["daysAfterModificationGreaterThan"]!.GetValue<int>(), 1, 30);
    }

    private static string IdentityOf(string owner) =>
        Infrastructure.Everything.Of("Microsoft.ManagedIdentity/userAssignedIdentities").Select(i => i["id"]!.GetValue<string>()).Single(id => id.Contains($"-{owner}-", StringComparison.Ordinal));

    [GeneratedRegex(@"'Microsoft\.[\w./]+@[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WrittenType();

    [GeneratedRegex(@"\b(list\w*|getSecret|newGuid)\(", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex SecretCall();
}
