using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ServerlessLoki.Infra.Tests.Bicep;

/// <summary>infra/main.parameters.json, filled in as azd does: each value is one variable of the environment, with or without a default.</summary>
internal static partial class ParameterFile
{
    /// <summary>What azd itself knows in a new environment.</summary>
    public static readonly IReadOnlyDictionary<string, string> FirstTime = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["AZURE_ENV_NAME"] = "first",
        ["AZURE_LOCATION"] = "westeurope",
        ["AZURE_PRINCIPAL_ID"] = "00000000-0000-0000-0000-0000000000cc",
    };

    /// <summary>Every choice taken, and the longest name of an environment that main.bicep lets in.</summary>
    public static readonly IReadOnlyDictionary<string, string> AtMost = new Dictionary<string, string>(FirstTime, StringComparer.Ordinal)
    {
        ["AZURE_ENV_NAME"] = new('e', Infrastructure.Main.Parameters["environmentName"]!["maxLength"]!.GetValue<int>()),
        ["LOKI_T4_MAX"] = "3",
        ["LOKI_A100_MAX"] = "2",
        ["LOKI_PRIVATE_NETWORK"] = "true",
        ["LOKI_DEPLOYER_ADDRESS"] = "192.0.2.1",
        ["LOKI_DURABLE_ALWAYS_READY"] = "1",
        ["LOKI_BUDGET_EMAIL"] = "someone@example.org",
        ["LOKI_BUDGET_START"] = "2026-11-01",
        ["SERVICE_WORKER_CPU_IMAGE_NAME"] = "registry.example/cpu:1",
        ["SERVICE_WORKER_T4_IMAGE_NAME"] = "registry.example/gpu:1",
        ["SERVICE_WORKER_A100_IMAGE_NAME"] = "registry.example/gpu:1",
    };

    /// <summary>Each parameter's text: a variable of azd's environment, in <c>${NAME}</c> or <c>${NAME=default}</c>.</summary>
    public static IReadOnlyDictionary<string, string> Texts { get; } =
        JsonNode.Parse(Repository.Text("infra/main.parameters.json"))!["parameters"]!.AsObject()
            .ToDictionary(p => p.Key, p => p.Value!["value"]!.GetValue<string>(), StringComparer.Ordinal);

    public static (string Name, string? Default) VariableOf(string parameter)
    {
        var match = Variable().Match(Texts[parameter]);
        return match.Success
            ? (match.Groups["name"].Value, match.Groups["default"] is { Success: true } found ? found.Value : null)
            : throw new InvalidOperationException($"main.parameters.json: '{parameter}' is '{Texts[parameter]}', which is not one variable of azd: write ${{NAME}} or ${{NAME=default}}");
    }

    /// <summary>A text as a value of the type that main.bicep declares for the parameter.</summary>
    public static JsonNode Typed(string parameter, string text) => Infrastructure.Main.Parameters[parameter]?["type"]?.GetValue<string>() switch
    {
        "int" or "bool" => JsonNode.Parse(text)!,
        _ => JsonValue.Create(text),
    };

    public static IReadOnlyDictionary<string, JsonNode> Filled(IReadOnlyDictionary<string, string> environment) =>
        Texts.Keys.ToDictionary(
            p => p,
            p => VariableOf(p) is var (name, fallback) && (environment.GetValueOrDefault(name) ?? fallback) is { } text
                ? Typed(p, text)
                : throw new InvalidOperationException($"main.parameters.json: '{p}' has no default, and azd does not know {VariableOf(p).Name} at first"),
            StringComparer.Ordinal);

    /// <summary>Writes values in the form that the compiler takes.</summary>
    public static void Write(string path, string template, IReadOnlyDictionary<string, JsonNode> values) => File.WriteAllLines(
        path,
        values.Select(v => $"param {v.Key} = {Literal(v.Value)}")
            .Prepend($"using '{Path.GetRelativePath(Path.GetDirectoryName(path)!, template).Replace('\\', '/')}'"));

    private static string Literal(JsonNode value) => value.GetValueKind() == System.Text.Json.JsonValueKind.String
        ? $"'{value.GetValue<string>().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal).Replace("${", "\\${", StringComparison.Ordinal)}'"
        : value.ToJsonString();

    [GeneratedRegex(@"^\$\{(?<name>[A-Z0-9_]+)(=(?<default>[^}]*))?\}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();
}
