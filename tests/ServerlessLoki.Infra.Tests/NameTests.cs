using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>Names as they come out at their longest, against what the platform allows.</summary>
public sealed partial class NameTests
{
    /// <summary>The last segment of a name, by type of resource.</summary>
    private static readonly Dictionary<string, string> Allowed = new(StringComparer.Ordinal)
    {
        ["Microsoft.App/containerApps"] = "^[a-z][a-z0-9-]{0,30}[a-z0-9]$",
        ["Microsoft.App/managedEnvironments"] = "^[A-Za-z][A-Za-z0-9-]{0,58}[A-Za-z0-9]$",
        ["Microsoft.Consumption/budgets"] = "^[A-Za-z0-9_-]{1,63}$",
        ["Microsoft.ContainerRegistry/registries"] = "^[A-Za-z0-9]{5,50}$",
        ["Microsoft.DurableTask/schedulers"] = "^[A-Za-z0-9-]{3,64}$",
        ["Microsoft.DurableTask/schedulers/taskHubs"] = "^[A-Za-z0-9-]{3,64}$",
        ["Microsoft.Insights/components"] = "^[A-Za-z0-9._-]{1,260}$",
        ["Microsoft.ManagedIdentity/userAssignedIdentities"] = "^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$",
        ["Microsoft.Network/privateEndpoints"] = "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}[A-Za-z0-9_]$",
        ["Microsoft.Network/virtualNetworks"] = "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}[A-Za-z0-9_]$",
        ["Microsoft.OperationalInsights/workspaces"] = "^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$",
        ["Microsoft.Resources/resourceGroups"] = "^[A-Za-z0-9._()-]{0,89}[A-Za-z0-9_()-]$",
        ["Microsoft.ServiceBus/namespaces"] = "^[A-Za-z](?!.*(-sb|-mgmt)$)[A-Za-z0-9-]{4,48}[A-Za-z0-9]$",
        ["Microsoft.ServiceBus/namespaces/queues"] = "^[A-Za-z0-9]([A-Za-z0-9._-]{0,258}[A-Za-z0-9])?$",
        ["Microsoft.Storage/storageAccounts"] = "^[a-z0-9]{3,24}$",
        ["Microsoft.Storage/storageAccounts/blobServices/containers"] = "^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$",
        ["Microsoft.Web/serverfarms"] = "^[A-Za-z0-9-]{1,60}$",
        ["Microsoft.Web/sites"] = "^[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]$",
    };

    /// <summary>Types whose names the platform or a DNS zone fixes.</summary>
    private static readonly string[] Fixed =
    [
        "Microsoft.Authorization/roleAssignments",
        "Microsoft.Insights/diagnosticSettings",
        "Microsoft.Network/privateDnsZones",
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        "Microsoft.Storage/storageAccounts/blobServices",
        "Microsoft.Storage/storageAccounts/managementPolicies",
        "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
    ];

    public static TheoryData<string> Types() => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Types))]
    public void Name_AtItsLongest_IsAllowed(string type)
    {
        var allowed = new Regex(Allowed[type], RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

        Assert.NotEmpty(Infrastructure.Everything.Of(type));
        Assert.All(Infrastructure.Everything.Of(type), r => Assert.Matches(allowed, PredictedDeployment.NameOf(r).Split('/')[^1]));
    }

    [Fact]
    public void Names_OfEveryType_AreHeldToARule() =>
        Assert.Equal(
            Infrastructure.Everything.Resources.Select(ArmTemplate.TypeOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
            Allowed.Keys.Concat(Fixed).Order(StringComparer.Ordinal));

    [Fact]
    public void Abbreviations_AreAllUsed()
    {
        var known = JsonNode.Parse(Repository.Text("infra/abbreviations.json"))!.AsObject().Select(p => p.Key);
        var used = Infrastructure.Main.Expressions.SelectMany(e => Abbreviation().Matches(e)).Select(m => m.Groups["name"].Value).Distinct(StringComparer.Ordinal);

        Assert.Equal(known.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"variables\('abbreviations'\)\.(?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Abbreviation();
}
