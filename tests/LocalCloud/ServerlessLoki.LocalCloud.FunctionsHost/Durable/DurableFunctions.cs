using Newtonsoft.Json.Linq;
using ServerlessLoki.LocalCloud.FunctionsHost.Functions;
using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Durable;

/// <summary>Base of the emitted class that has a method for each durable function. Public, since the emitted class is in another assembly.</summary>
/// <param name="context">Context of the methods.</param>
public abstract class DurableFunctions(DurableContext context)
{
    /// <summary>Runs an orchestrator or entity function. The engine reads the returned text, and nothing else.</summary>
    protected async Task<string?> CallAsync(string name, string value, CancellationToken cancellationToken) =>
        (await context.InvokeAsync(name, value, cancellationToken))?.String;

    /// <summary>Runs an activity function.</summary>
    protected async Task<object?> CallActivityAsync(string name, string? value, CancellationToken cancellationToken)
    {
        var result = await context.InvokeAsync(name, value, cancellationToken);
        return result?.DataCase switch
        {
            TypedData.DataOneofCase.String => result.String,
            TypedData.DataOneofCase.Json => JToken.Parse(result.Json),
            TypedData.DataOneofCase.Bytes => result.Bytes.ToByteArray(),
            TypedData.DataOneofCase.Int => result.Int,
            TypedData.DataOneofCase.Double => result.Double,
            _ => null,
        };
    }

    /// <summary>Stores the data that the engine gives a client of this name.</summary>
    protected void Keep(string name, string client) => context.Clients[name] = client;
}
