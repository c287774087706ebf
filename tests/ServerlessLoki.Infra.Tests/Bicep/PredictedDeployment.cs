using System.Text.Json.Nodes;

namespace ServerlessLoki.Infra.Tests.Bicep;

/// <summary>What a deployment with given parameters makes: the compiler evaluates all that does not need a running resource.</summary>
internal sealed record PredictedDeployment(JsonObject Json)
{
    public const string Subscription = "00000000-0000-0000-0000-0000000000aa";

    public IEnumerable<JsonObject> Resources => Json["predictedResources"]!.AsArray().Select(r => r!.AsObject());

    public JsonObject Outputs => Json["outputs"]!.AsObject();

    public IEnumerable<JsonObject> Of(string type) => Resources.Where(r => ArmTemplate.TypeOf(r) == type);

    /// <summary>The only resource of its type.</summary>
    public JsonObject The(string type) => Of(type).Single();

    /// <summary>Settings of the Function app.</summary>
    public IReadOnlyDictionary<string, string> FunctionSettings =>
        Pairs(The("Microsoft.Web/sites")["properties"]!["siteConfig"]!["appSettings"]!);

    /// <summary>Environment of a worker.</summary>
    public static IReadOnlyDictionary<string, string> SettingsOf(JsonObject worker) => Pairs(ContainerOf(worker)["env"]!);

    public static JsonObject ContainerOf(JsonObject worker) => worker["properties"]!["template"]!["containers"]!.AsArray().Single()!.AsObject();

    /// <summary>The rule by which the platform scales a worker.</summary>
    public static JsonObject ScaleRuleOf(JsonObject worker) => worker["properties"]!["template"]!["scale"]!["rules"]!.AsArray().Single()!.AsObject();

    public static string NameOf(JsonObject resource) => resource["name"]!.GetValue<string>();

    private static Dictionary<string, string> Pairs(JsonNode list) =>
        list.AsArray().ToDictionary(p => p!["name"]!.GetValue<string>(), p => p!["value"]!.GetValue<string>(), StringComparer.Ordinal);
}
