using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>Resources: versions, names, doors that stay shut, and what the platform asks of workers.</summary>
public sealed class ResourceTests
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
    public void Resources_Versions_AreThosePinned() =>
        Assert.Equal(
            Versions.Order(StringComparer.Ordinal),
            Repository.Bicep.Values.SelectMany(f => f.Resources()).Select(r => r.FullType).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("modules/storage.bicep", "account", "allowSharedKeyAccess", "false")]
    [InlineData("modules/storage.bicep", "account", "allowBlobPublicAccess", "false")]
    [InlineData("modules/storage.bicep", "account", "supportsHttpsTrafficOnly", "true")]
    [InlineData("modules/service-bus.bicep", "namespace", "disableLocalAuth", "true")]
    [InlineData("modules/registry.bicep", "registry", "adminUserEnabled", "false")]
    [InlineData("modules/registry.bicep", "registry", "anonymousPullEnabled", "false")]
    [InlineData("modules/monitoring.bicep", "component", "DisableLocalAuth", "true")]
    [InlineData("modules/function-app.bicep", "app", "httpsOnly", "true")]
    public void Resource_KeysAndOpenDoors_AreOff(string path, string resource, string property, string expected)
    {
        var properties = Assert.IsType<ObjectNode>(Named(path, resource).Body!["properties"]);

        Assert.Equal(expected, Assert.IsType<ConstantNode>(properties[property]).Text);
    }

    [Fact]
    public void Files_Secrets_AreNeitherListedNorPutOut()
    {
        var nodes = Repository.Bicep.Values.SelectMany(f => f.Nodes()).ToList();

        Assert.DoesNotContain(nodes.OfType<CallNode>(), c => c.Name.StartsWith("list", StringComparison.OrdinalIgnoreCase) || c.Name is "reference" or "getSecret");
        var outputs = Repository.Bicep.Values.SelectMany(f => f.Of(DeclarationKind.Output));
        Assert.DoesNotContain(outputs, o => o.Value!.All().OfType<MemberNode>().Select(m => m.Name).Append(o.Name).Any(IsSecret));
        Assert.DoesNotContain(Repository.Bicep.Values.SelectMany(f => f.Of(DeclarationKind.Parameter)), p => IsSecret(p.Name));

        static bool IsSecret(string name) =>
            new[] { "password", "secret", "key", "connectionstring", "instrumentation", "credential", "token" }
                .Any(s => name.Contains(s, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void RoleAssignments_AllOfThem_LieInOneFile()
    {
        var files = Repository.Bicep.Values.Where(f => f.Resources().Any(r => r.FullType.StartsWith("Microsoft.Authorization/", StringComparison.Ordinal)));

        Assert.Equal("modules/roles.bicep", Assert.Single(files).Path);
    }

    [Fact]
    public void RoleAssignments_NamesAndRoles_AreDeterministicAndBuiltIn()
    {
        var roles = (ObjectNode)Repository.Bicep["modules/roles.bicep"].Of(DeclarationKind.Variable).Single(v => v.Name == "roles").Value!;

        Assert.All(roles.Properties, p => Assert.True(Guid.TryParse(((TextNode)p.Value).Literal, out _), p.Name));
        foreach (var (assignment, _) in Repository.Bicep["modules/roles.bicep"].Resources().Where(r => !r.Resource.Existing))
        {
            // Scope, principal and role make the name: a second deployment finds the first one's assignment.
            Assert.Equal(3, Assert.IsType<CallNode>(assignment.Body!["name"]) is { Name: "guid" } call ? call.Arguments.Length : 0);
            Assert.NotNull(((ObjectNode)assignment.Body["properties"]!)["principalType"]);
        }
    }

    [Fact]
    public void Worker_ScaleRules_GoByIdentityWithTextMetadata()
    {
        var template = (ObjectNode)((ObjectNode)Named("modules/worker.bicep", "app").Body!["properties"]!)["template"]!;
        var rule = (ObjectNode)((ArrayNode)((ObjectNode)template["scale"]!)["rules"]!).Items.Single();
        var custom = (ObjectNode)rule["custom"]!;

        Assert.Equal("azure-servicebus", ((TextNode)custom["type"]!).Literal);
        Assert.Equal("platformIdentity", ((NameNode)((MemberNode)custom["identity"]!).Target).Name);
        Assert.Null(custom["auth"]);
        Assert.Equal(["namespace", "queueName", "messageCount"], ((ObjectNode)custom["metadata"]!).Properties.Select(p => p.Name));
        Assert.IsType<TextNode>(((ObjectNode)custom["metadata"]!)["messageCount"]);
    }

    [Fact]
    public void Worker_PlatformIdentity_IsOutOfReachOfItsCode()
    {
        var configuration = (ObjectNode)((ObjectNode)Named("modules/worker.bicep", "app").Body!["properties"]!)["configuration"]!;
        var settings = ((ArrayNode)configuration["identitySettings"]!).Items.Cast<ObjectNode>()
            .ToDictionary(s => ((NameNode)((MemberNode)s["identity"]!).Target).Name, s => ((TextNode)s["lifecycle"]!).Literal!, StringComparer.Ordinal);

        Assert.Equal("None", settings["platformIdentity"]);
        Assert.Equal("Main", settings["workerIdentity"]);
        Assert.Null(configuration["ingress"]);
    }

    [Fact]
    public void Storage_Payloads_AreDeletedByRuleAtTheLatest()
    {
        var rule = Named("modules/storage.bicep", "lifecycle").Body!.All().OfType<ObjectNode>().Single(o => o["daysAfterModificationGreaterThan"] is not null);

        Assert.InRange(int.Parse(((ConstantNode)rule["daysAfterModificationGreaterThan"]!).Text), 1, 30);
    }

    private static Declaration Named(string path, string name) => Repository.Bicep[path].Resources().Select(r => r.Resource).Single(r => r.Name == name);
}
