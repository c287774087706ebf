using System.Text.Json;
using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Functions;

/// <summary>A function of the app.</summary>
internal sealed class FunctionInfo
{
    public FunctionInfo(RpcFunctionMetadata metadata)
    {
        Metadata = metadata;
        Bindings = [.. metadata.RawBindings.Select(static json => new FunctionBinding(JsonSerializer.Deserialize<JsonElement>(json)))];
        Trigger = Bindings.FirstOrDefault(static b => b.IsTrigger) ?? throw new FormatException($"Function '{metadata.Name}' has no trigger.");
    }

    public RpcFunctionMetadata Metadata { get; }

    public string Name => Metadata.Name;

    public IReadOnlyList<FunctionBinding> Bindings { get; }

    public FunctionBinding Trigger { get; }

    /// <summary>Bindings of Durable clients.</summary>
    public IEnumerable<FunctionBinding> DurableClients => Bindings.Where(static b => b.Is("durableClient"));
}
