using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ServerlessLoki.Serving.Http;

/// <summary>HTTP API: Open Inference Protocol v2, durable runs, plan, status, metrics and a status page.</summary>
public static class LokiApi
{
    private static readonly string[] Get = ["GET", "HEAD"];
    private static readonly string[] Post = ["POST"];
    private static readonly string[] Delete = ["DELETE"];

    /// <summary>Adds all endpoints, and the middleware that gives every error the same body.</summary>
    /// <param name="app">App to add the endpoints to.</param>
    /// <param name="context">Context of the endpoints.</param>
    public static WebApplication MapLokiApi(this WebApplication app, LokiApiContext context)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(context);
        app.UseMiddleware<ErrorMiddleware>();
        Map(app, new LokiEndpoints(context), static endpoint => endpoint);
        return app;
    }

    /// <summary>Maps all endpoints.</summary>
    /// <param name="app">Route builder to map to.</param>
    /// <param name="api">Endpoints to map.</param>
    /// <param name="guard">Wraps each endpoint.</param>
    internal static void Map(IEndpointRouteBuilder app, LokiEndpoints api, Func<RequestDelegate, RequestDelegate> guard)
    {
        Add("/v2/health/live", Get, api.Live);
        Add("/v2/health/ready", Get, api.Ready);
        Add("/v2", Get, api.Server);
        Add("/v2/repository/index", Post, api.Index);
        Add("/v2/models/stats", Get, api.AllStats);
        Both("", Get, api.Model);
        Both("/ready", Get, api.ModelReady);
        Both("/config", Get, api.ModelConfig);
        Both("/stats", Get, api.ModelStats);
        Both("/infer", Post, api.Infer);
        Add("/runs", Post, api.CreateRun);
        Add("/runs", Get, api.ListRuns);
        Add("/runs/{id}", Get, api.Run);
        Add("/runs/{id}", Delete, api.DeleteRun);
        Add("/plan", Get, api.Plan);
        Add("/status", Get, api.Status);
        Add("/metrics", Get, api.Metrics);
        // A page that an app has there itself goes first.
        Add("/", Get, StatusEndpoints.PageAsync).WithOrder(1);

        void Both(string tail, string[] methods, RequestDelegate answer)
        {
            Add("/v2/models/{model}" + tail, methods, answer);
            Add("/v2/models/{model}/versions/{version}" + tail, methods, answer);
        }

        IEndpointConventionBuilder Add(string path, string[] methods, RequestDelegate answer) => app.MapMethods(path, methods, guard(answer));
    }
}
