using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Functions.Http;

/// <summary>HTTP triggers of Open Inference Protocol v2 for the server.</summary>
public sealed class ProtocolFunctions(LokiEndpoints api, ILogger<ProtocolFunctions> logger)
{
    /// <summary>Returns whether the process is alive.</summary>
    [Function("HealthLive")]
    public Task<IActionResult> Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v2/health/live")] HttpRequest request) =>
        Answer.FromAsync(request, api.Live, logger);

    /// <summary>Returns whether every task has a worker that serves it.</summary>
    [Function("HealthReady")]
    public Task<IActionResult> Ready([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v2/health/ready")] HttpRequest request) =>
        Answer.FromAsync(request, api.Ready, logger);

    /// <summary>Returns the server's metadata.</summary>
    [Function("Server")]
    public Task<IActionResult> Server([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "v2")] HttpRequest request) =>
        Answer.FromAsync(request, api.Server, logger);

    /// <summary>Lists all models.</summary>
    [Function("RepositoryIndex")]
    public Task<IActionResult> Index([HttpTrigger(AuthorizationLevel.Function, "post", Route = "v2/repository/index")] HttpRequest request) =>
        Answer.FromAsync(request, api.Index, logger);

    /// <summary>Returns the statistics of all models.</summary>
    [Function("AllStats")]
    public Task<IActionResult> AllStats([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "v2/models/stats")] HttpRequest request) =>
        Answer.FromAsync(request, api.AllStats, logger);
}
