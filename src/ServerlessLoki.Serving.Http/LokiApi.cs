using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ServerlessLoki.Serving.Http;

/// <summary>The HTTP API: Open Inference Protocol v2, durable runs, plan, status, metrics and a status page.</summary>
public static class LokiApi
{
    private static readonly string[] Get = ["GET", "HEAD"];

    /// <summary>Adds all endpoints, and the middleware that gives each error the one body.</summary>
    /// <param name="app">The host.</param>
    /// <param name="context">What the endpoints work on.</param>
    public static WebApplication MapLokiApi(this WebApplication app, LokiApiContext context)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(context);
        app.UseMiddleware<ErrorMiddleware>();
        var api = new LokiEndpoints(context);
        MapProtocol(app, api);
        app.MapPost("/runs", api.CreateRun);
        app.MapMethods("/runs", Get, api.ListRuns);
        app.MapMethods("/runs/{id}", Get, api.Run);
        app.MapDelete("/runs/{id}", api.DeleteRun);
        app.MapMethods("/plan", Get, api.Plan);
        app.MapMethods("/status", Get, api.Status);
        app.MapMethods("/metrics", Get, api.Metrics);
        app.MapMethods("/", Get, StatusEndpoints.PageAsync);
        return app;
    }

    private static void MapProtocol(IEndpointRouteBuilder app, LokiEndpoints api)
    {
        app.MapMethods("/v2/health/live", Get, api.Live);
        app.MapMethods("/v2/health/ready", Get, api.Ready);
        app.MapMethods("/v2", Get, api.Server);
        app.MapPost("/v2/repository/index", api.Index);
        app.MapMethods("/v2/models/stats", Get, api.AllStats);
        Both(app, "", Get, api.Model);
        Both(app, "/ready", Get, api.ModelReady);
        Both(app, "/config", Get, api.ModelConfig);
        Both(app, "/stats", Get, api.ModelStats);
        Both(app, "/infer", ["POST"], api.Infer);
    }

    private static void Both(IEndpointRouteBuilder app, string tail, string[] methods, RequestDelegate answer)
    {
        app.MapMethods("/v2/models/{model}" + tail, methods, answer);
        app.MapMethods("/v2/models/{model}/versions/{version}" + tail, methods, answer);
    }
}
