using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Serving.Http;

/// <summary>Endpoints of the API one by one, for hosts with their own routing. Route values are <c>model</c>, <c>version</c> and <c>id</c>,
/// as in <see cref="LokiApi.MapLokiApi"/>.</summary>
public sealed class LokiEndpoints
{
    /// <summary>Builds all endpoints.</summary>
    /// <param name="context">Context of the endpoints.</param>
    public LokiEndpoints(LokiApiContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var health = new HealthEndpoints(context);
        (Live, Ready, Server, ModelReady) = (health.LiveAsync, health.ReadyAsync, health.ServerAsync, health.ModelReadyAsync);
        var models = new ModelEndpoints(context);
        (Model, ModelConfig, Index) = (models.MetadataAsync, models.ConfigAsync, models.IndexAsync);
        var stats = new StatsEndpoints(context);
        (AllStats, ModelStats) = (stats.AllAsync, stats.OneAsync);
        Infer = new InferEndpoints(context).InferAsync;
        var runs = new RunEndpoints(context);
        (CreateRun, ListRuns, Run, DeleteRun) = (runs.CreateAsync, runs.ListAsync, runs.GetAsync, runs.DeleteAsync);
        Plan = new PlanEndpoints(context).PlanAsync;
        Status = new StatusEndpoints(context).StatusAsync;
        Metrics = new MetricsEndpoint(context).WriteAsync;
    }

    /// <summary>Endpoint <c>GET v2/health/live</c>.</summary>
    public RequestDelegate Live { get; }

    /// <summary>Endpoint <c>GET v2/health/ready</c>.</summary>
    public RequestDelegate Ready { get; }

    /// <summary>Endpoint <c>GET v2</c>.</summary>
    public RequestDelegate Server { get; }

    /// <summary>Endpoint <c>POST v2/repository/index</c>.</summary>
    public RequestDelegate Index { get; }

    /// <summary>Endpoint <c>GET v2/models/{model}</c>.</summary>
    public RequestDelegate Model { get; }

    /// <summary>Endpoint <c>GET v2/models/{model}/ready</c>.</summary>
    public RequestDelegate ModelReady { get; }

    /// <summary>Endpoint <c>GET v2/models/{model}/config</c>.</summary>
    public RequestDelegate ModelConfig { get; }

    /// <summary>Endpoint <c>GET v2/models/{model}/stats</c>.</summary>
    public RequestDelegate ModelStats { get; }

    /// <summary>Endpoint <c>GET v2/models/stats</c>.</summary>
    public RequestDelegate AllStats { get; }

    /// <summary>Endpoint <c>POST v2/models/{model}/infer</c>.</summary>
    public RequestDelegate Infer { get; }

    /// <summary>Endpoint <c>POST runs</c>.</summary>
    public RequestDelegate CreateRun { get; }

    /// <summary>Endpoint <c>GET runs</c>.</summary>
    public RequestDelegate ListRuns { get; }

    /// <summary>Endpoint <c>GET runs/{id}</c>.</summary>
    public RequestDelegate Run { get; }

    /// <summary>Endpoint <c>DELETE runs/{id}</c>.</summary>
    public RequestDelegate DeleteRun { get; }

    /// <summary>Endpoint <c>GET plan</c>.</summary>
    public RequestDelegate Plan { get; }

    /// <summary>Endpoint <c>GET status</c>.</summary>
    public RequestDelegate Status { get; }

    /// <summary>Endpoint <c>GET metrics</c>.</summary>
    public RequestDelegate Metrics { get; }

    /// <summary>Runs an endpoint and gives every error the API's common body.</summary>
    /// <param name="context">Context of the request.</param>
    /// <param name="endpoint">Endpoint of this object.</param>
    /// <param name="logger">Logs failures that the caller did not cause.</param>
    public static Task AnswerAsync(HttpContext context, RequestDelegate endpoint, ILogger logger) =>
        ErrorMiddleware.GuardAsync(context, endpoint, logger);
}
