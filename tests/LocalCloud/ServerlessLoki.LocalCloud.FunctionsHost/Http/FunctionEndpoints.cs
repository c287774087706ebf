using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Primitives;
using ServerlessLoki.LocalCloud.FunctionsHost.Functions;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Http;

/// <summary>Routes of the HTTP functions; none until the app is loaded.</summary>
internal sealed class FunctionEndpoints : EndpointDataSource, IDisposable
{
    private CancellationTokenSource _changed = new();
    private volatile IReadOnlyList<Endpoint> _endpoints = [];

    public override IReadOnlyList<Endpoint> Endpoints => _endpoints;

    public override IChangeToken GetChangeToken() => new CancellationChangeToken(_changed.Token);

    /// <summary>Opens the routes.</summary>
    /// <param name="functions">Functions with an HTTP trigger.</param>
    /// <param name="prefix">Prefix of each route.</param>
    /// <param name="handle">Answers a request to a function.</param>
    public void Open(IEnumerable<FunctionInfo> functions, string prefix, Func<HttpContext, FunctionInfo, Task> handle)
    {
        _endpoints = [.. functions.Select(f => Map(f, prefix, handle))];
        var before = Interlocked.Exchange(ref _changed, new CancellationTokenSource());
        before.Cancel();
        before.Dispose();
    }

    public void Dispose() => _changed.Dispose();

    private static Endpoint Map(FunctionInfo function, string prefix, Func<HttpContext, FunctionInfo, Task> handle)
    {
        var route = $"{prefix.Trim('/')}/{function.Trigger.Text("route") ?? function.Name}".Trim('/');
        var endpoint = new RouteEndpointBuilder(context => handle(context, function), RoutePatternFactory.Parse(route), order: 0) { DisplayName = function.Name };
        if (function.Trigger.Texts("methods") is { Count: > 0 } methods)
            endpoint.Metadata.Add(new HttpMethodMetadata(methods));
        return endpoint.Build();
    }
}
