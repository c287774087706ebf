using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Http;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Registration of the HTTP API in an app's endpoints.</summary>
public static class ServerlessLokiEndpoints
{
    /// <summary>Maps the Open Inference Protocol, durable runs, plan, status, metrics and the status page.</summary>
    /// <remarks>Paths are those of <c>loki up</c>, below <paramref name="prefix"/>. The app decides who may ask, for example by
    /// <c>RequireAuthorization()</c> on what is returned. An endpoint that the app itself maps at <c>/</c> goes before the status page.</remarks>
    /// <param name="endpoints">Route builder of the app.</param>
    /// <param name="prefix">Path that all endpoints are below, for example <c>/loki</c>; empty = none.</param>
    /// <exception cref="InvalidOperationException"><c>AddServerlessLoki</c> was not called.</exception>
    public static IEndpointConventionBuilder MapServerlessLoki(this IEndpointRouteBuilder endpoints, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var context = endpoints.ServiceProvider.GetService<LokiApiContext>()
            ?? throw new InvalidOperationException("MapServerlessLoki needs services: call builder.Services.AddServerlessLoki(...) before the app is built.");
        var logger = endpoints.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger<ErrorMiddleware>();
        var group = endpoints.MapGroup(prefix);
        LokiApi.Map(group, new LokiEndpoints(context), endpoint => request => LokiEndpoints.AnswerAsync(request, endpoint, logger));
        return group.WithMetadata(new BodyLimit(context.Limits.MaxBodyBytes));
    }

    /// <summary>Limit of the API's own bodies in place of the server's, which stays in force for the app's other endpoints.</summary>
    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
