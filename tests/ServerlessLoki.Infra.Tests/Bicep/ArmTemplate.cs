using System.Text.Json.Nodes;

namespace ServerlessLoki.Infra.Tests.Bicep;

/// <summary>ARM JSON that the compiler made of one Bicep file.</summary>
internal sealed record ArmTemplate(JsonObject Json)
{
    private const string Deployment = "Microsoft.Resources/deployments";

    /// <summary>Equal for a module that is compiled alone and inside the file that uses it.</summary>
    public string Hash => Json["metadata"]!["_generator"]!["templateHash"]!.GetValue<string>();

    public JsonObject Parameters => Section("parameters");

    public JsonObject Outputs => Section("outputs");

    /// <summary>Types that the file declares or imports.</summary>
    public JsonObject Types => Section("definitions");

    /// <summary>Resources of this file, existing ones included where the compiler keeps them.</summary>
    public IEnumerable<JsonObject> Resources => Entries.Select(e => e.Resource).Where(r => TypeOf(r) != Deployment);

    /// <summary>The modules that this file uses: symbolic name, deployment, template.</summary>
    public IEnumerable<(string Name, JsonObject Deployment, ArmTemplate Template)> Modules =>
        Entries.Where(e => TypeOf(e.Resource) == Deployment).Select(e => (e.Name, e.Resource, new ArmTemplate(e.Resource["properties"]!["template"]!.AsObject())));

    /// <summary>This template and those of its modules.</summary>
    public IEnumerable<ArmTemplate> All => Modules.SelectMany(m => m.Template.All).Prepend(this);

    /// <summary>Every text in it that ARM evaluates.</summary>
    public IEnumerable<string> Expressions => Texts(Json).Where(t => t.StartsWith('['));

    public static ArmTemplate Read(string path) => new(JsonNode.Parse(File.ReadAllText(path))!.AsObject());

    public static string TypeOf(JsonObject resource) => resource["type"]!.GetValue<string>();

    public static string VersionedTypeOf(JsonObject resource) => $"{TypeOf(resource)}@{resource["apiVersion"]!.GetValue<string>()}";

    /// <summary>Resources go by name where the template needs the newer language version, otherwise they are a list.</summary>
    private IEnumerable<(string Name, JsonObject Resource)> Entries => Json["resources"] switch
    {
        JsonObject named => named.Select(r => (r.Key, r.Value!.AsObject())),
        JsonArray list => list.Select(r => ("", r!.AsObject())),
        _ => [],
    };

    private JsonObject Section(string name) => Json[name]?.AsObject() ?? [];

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject json => json.SelectMany(p => Texts(p.Value)),
        JsonArray list => list.SelectMany(Texts),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };
}
