using System.Collections.Concurrent;
using ServerlessLoki.LocalCloud.FunctionsHost.Functions;
using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Durable;

/// <summary>Context of the emitted methods.</summary>
public sealed class DurableContext
{
    private readonly FunctionCaller _caller;
    private readonly Dictionary<string, FunctionInfo> _functions;

    internal DurableContext(FunctionCaller caller, IEnumerable<FunctionInfo> functions) =>
        (_caller, _functions) = (caller, functions.ToDictionary(static f => f.Name, StringComparer.Ordinal));

    internal ConcurrentDictionary<string, string> Clients { get; } = new(StringComparer.Ordinal);

    internal Task<TypedData?> InvokeAsync(string name, string? value, CancellationToken cancellationToken) =>
        _caller.CallAsync(_functions[name], value is null ? new TypedData() : new TypedData { String = value }, cancellationToken);
}
