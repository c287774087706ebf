using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>Who may do what, and where: every role assignment of a deployment, no more and no less.</summary>
public sealed partial class RoleTests
{
    /// <summary>Azure's built-in roles by id, as Azure names them.</summary>
    private static readonly Dictionary<string, string> BuiltIn = new(StringComparer.Ordinal)
    {
        ["7f951dda-4ed3-4680-a7ca-43fe172d538d"] = "AcrPull",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
        ["358470bc-b998-42bd-ab17-a7e34c199c0f"] = "Container Apps Contributor",
        ["0ad04412-c4d5-4796-b79c-f76d14c8d402"] = "Durable Task Data Contributor",
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Monitoring Metrics Publisher",
        ["974c5e8b-45b9-4653-ba55-5f855dd0fb88"] = "Storage Queue Data Contributor",
        ["090c5cfd-751d-490a-894a-3ce6f1109419"] = "Azure Service Bus Data Owner",
        ["4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"] = "Azure Service Bus Data Receiver",
        ["69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"] = "Azure Service Bus Data Sender",
        ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"] = "Storage Table Data Contributor",
    };

    private static readonly string[] Expected =
    [
        "deployer: Storage Blob Data Contributor on Microsoft.Storage/storageAccounts",
        "functions: Azure Service Bus Data Owner on Microsoft.ServiceBus/namespaces",
        "functions: Container Apps Contributor on the group",
        "functions: Durable Task Data Contributor on Microsoft.DurableTask/schedulers",
        "functions: Monitoring Metrics Publisher on Microsoft.Insights/components",
        "functions: Storage Blob Data Owner on Microsoft.Storage/storageAccounts",
        "functions: Storage Queue Data Contributor on Microsoft.Storage/storageAccounts",
        "functions: Storage Table Data Contributor on Microsoft.Storage/storageAccounts",
        "platform: AcrPull on Microsoft.ContainerRegistry/registries",
        "platform: Azure Service Bus Data Owner on Microsoft.ServiceBus/namespaces",
        "worker: Azure Service Bus Data Receiver on Microsoft.ServiceBus/namespaces",
        "worker: Azure Service Bus Data Sender on Microsoft.ServiceBus/namespaces",
        "worker: Monitoring Metrics Publisher on Microsoft.Insights/components",
        "worker: Storage Blob Data Contributor on Microsoft.Storage/storageAccounts",
        "worker: Storage Table Data Contributor on Microsoft.Storage/storageAccounts",
    ];

    private static IEnumerable<JsonObject> Predicted => Infrastructure.Everything.Of("Microsoft.Authorization/roleAssignments");

    [Fact]
    public void Assignments_OfADeployment_AreTheseAndNoOthers() =>
        Assert.Equal(Expected, Predicted.Select(a => $"{PrincipalOf(a)}: {BuiltIn.GetValueOrDefault(RoleOf(a), RoleOf(a))} on {ScopeOf(a)}").Order(StringComparer.Ordinal));

    [Fact]
    public void Assignments_AllOfThem_LieInOneFile()
    {
        var modules = Infrastructure.Main.Modules.Where(m => m.Template.Resources.Any(r => ArmTemplate.TypeOf(r) == "Microsoft.Authorization/roleAssignments"));

        Assert.Equal(Infrastructure.Template("modules/roles.bicep").Hash, Assert.Single(modules).Template.Hash);
    }

    /// <summary>Scope, principal and role make the name: a second deployment finds the first one's assignment.</summary>
    [Fact]
    public void Assignments_Names_AreMadeOfScopePrincipalAndRole() =>
        Assert.All(Infrastructure.Template("modules/roles.bicep").Resources, assignment =>
        {
            var properties = assignment["properties"]!;
            var scope = assignment["scope"]?.GetValue<string>()[1..^1] ?? "resourceGroup().id";
            var principal = properties["principalId"]!.GetValue<string>()[1..^1];
            var role = RoleExpression().Match(properties["roleDefinitionId"]!.GetValue<string>()).Groups["role"].Value;

            Assert.Equal($"[guid({scope}, {principal}, {role})]", assignment["name"]!.GetValue<string>());
            Assert.NotNull(properties["principalType"]);
        });

    private static string PrincipalOf(JsonObject assignment)
    {
        var id = assignment["properties"]!["principalId"]!.GetValue<string>();
        return id == ParameterFile.AtMost["AZURE_PRINCIPAL_ID"] ? "deployer" : Identity().Match(id).Groups["owner"].Value;
    }

    private static string RoleOf(JsonObject assignment) => assignment["properties"]!["roleDefinitionId"]!.GetValue<string>().Split('/')[^1];

    /// <summary>The id names the scope: of a resource by <c>extensionResourceId</c> or as a path, of the group by <c>resourceId</c>.</summary>
    private static string ScopeOf(JsonObject assignment)
    {
        var match = ResourceScope().Match(assignment["id"]!.GetValue<string>());
        return match.Success ? match.Groups["type"].Value : "the group";
    }

    [GeneratedRegex(@"/userAssignedIdentities/id-(?<owner>\w+)-[a-z0-9]+'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Identity();

    [GeneratedRegex(@"^(\[extensionResourceId\(')?/subscriptions/[^/]+/resourceGroups/[^/]+/providers/(?<type>[\w.]+/\w+)/\w", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ResourceScope();

    [GeneratedRegex(@"^\[subscriptionResourceId\('Microsoft\.Authorization/roleDefinitions', (?<role>.+)\)\]$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RoleExpression();
}
