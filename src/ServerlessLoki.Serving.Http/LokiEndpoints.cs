using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Serving.Http;

/// <summary>The API's endpoints one by one, for hosts that bring their own routing. Route values are <c>model</c>, <c>version</c> and
/// <c>id</c>, as in <see cref="LokiApi.MapLokiApi"/>.</summary>
public sealed class LokiEndpoints
{
    /// <summary>Builds all of them.</summary>
    /// <param name="context">What they work on.</param>
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

    /// <summary><c>GET v2/health/live</c>.</summary>
    public RequestDelegate Live { get; }

    /// <summary><c>GET v2/health/ready</c>.</summary>
    public RequestDelegate Ready { get; }

    /// <summary><c>GET v2</c>.</summary>
    public RequestDelegate Server { get; }

    /// <summary><c>POST v2/repository/index</c>.</summary>
    public RequestDelegate Index { get; }

    /// <summary><c>GET v2/models/{model}</c>.</summary>
    public RequestDelegate Model { get; }

    /// <summary><c>GET v2/models/{model}/ready</c>.</summary>
    public RequestDelegate ModelReady { get; }

    /// <summary><c>GET v2/models/{model}/config</c>.</summary>
    public RequestDelegate ModelConfig { get; }

    /// <summary><c>GET v2/models/{model}/stats</c>.</summary>
    public RequestDelegate ModelStats { get; }

    /// <summary><c>GET v2/models/stats</c>.</summary>
    public RequestDelegate AllStats { get; }

    /// <summary><c>POST v2/models/{model}/infer</c>.</summary>
    public RequestDelegate Infer { get; }

    /// <summary><c>POST runs</c>.</summary>
    public RequestDelegate CreateRun { get; }

    /// <summary><c>GET runs</c>.</summary>
    public RequestDelegate ListRuns { get; }

    /// <summary><c>GET runs/{id}</c>.</summary>
    public RequestDelegate Run { get; }

    /// <summary><c>DELETE runs/{id}</c>.</summary>
    public RequestDelegate DeleteRun { get; }

    /// <summary><c>GET plan</c>.</summary>
    public RequestDelegate Plan { get; }

    /// <summary><c>GET status</c>.</summary>
    public RequestDelegate Status { get; }

    /// <summary><c>GET metrics</c>.</summary>
    public RequestDelegate Metrics { get; }

    /// <summary>Runs an endpoint with the API's one body for every error.</summary>
    /// <param name="context">The request.</param>
    /// <param name="endpoint">One of these.</param>
    /// <param name="logger">Logs failures that no caller caused.</param>
    public static Task AnswerAsync(HttpContext context, RequestDelegate endpoint, ILogger logger) =>
        ErrorMiddleware.GuardAsync(context, endpoint, logger);
}
