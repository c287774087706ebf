using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ServerlessLoki.Serving.Api.Runs;

namespace ServerlessLoki.Serving.Api;

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
        MapProtocol(app, context);
        var runs = new RunEndpoints(context);
        app.MapPost("/runs", runs.CreateAsync);
        app.MapMethods("/runs", Get, runs.ListAsync);
        app.MapMethods("/runs/{id}", Get, runs.GetAsync);
        app.MapDelete("/runs/{id}", runs.DeleteAsync);
        app.MapMethods("/plan", Get, new PlanEndpoints(context).PlanAsync);
        app.MapMethods("/status", Get, new StatusEndpoints(context).StatusAsync);
        app.MapMethods("/metrics", Get, new MetricsEndpoint(context).WriteAsync);
        app.MapMethods("/", Get, StatusEndpoints.PageAsync);
        return app;
    }

    private static void MapProtocol(IEndpointRouteBuilder app, LokiApiContext context)
    {
        var health = new HealthEndpoints(context);
        app.MapMethods("/v2/health/live", Get, health.LiveAsync);
        app.MapMethods("/v2/health/ready", Get, health.ReadyAsync);
        app.MapMethods("/v2", Get, health.ServerAsync);
        var models = new ModelEndpoints(context);
        app.MapPost("/v2/repository/index", models.IndexAsync);
        var stats = new StatsEndpoints(context);
        app.MapMethods("/v2/models/stats", Get, stats.AllAsync);
        var infer = new InferEndpoints(context);
        Both(app, "", Get, models.MetadataAsync);
        Both(app, "/ready", Get, health.ModelReadyAsync);
        Both(app, "/config", Get, models.ConfigAsync);
        Both(app, "/stats", Get, stats.OneAsync);
        Both(app, "/infer", ["POST"], infer.InferAsync);
    }

    private static void Both(IEndpointRouteBuilder app, string tail, string[] methods, RequestDelegate answer)
    {
        app.MapMethods("/v2/models/{model}" + tail, methods, answer);
        app.MapMethods("/v2/models/{model}/versions/{version}" + tail, methods, answer);
    }
}
