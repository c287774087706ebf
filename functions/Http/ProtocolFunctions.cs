using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Functions.Http;

/// <summary>Open Inference Protocol v2: the server.</summary>
public sealed class ProtocolFunctions(LokiEndpoints api, ILogger<ProtocolFunctions> logger)
{
    /// <summary>Is the process there?</summary>
    [Function("HealthLive")]
    public Task<IActionResult> Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v2/health/live")] HttpRequest request) =>
        Answer.FromAsync(request, api.Live, logger);

    /// <summary>Has every task a worker that serves it?</summary>
    [Function("HealthReady")]
    public Task<IActionResult> Ready([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v2/health/ready")] HttpRequest request) =>
        Answer.FromAsync(request, api.Ready, logger);

    /// <summary>Server metadata.</summary>
    [Function("Server")]
    public Task<IActionResult> Server([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "v2")] HttpRequest request) =>
        Answer.FromAsync(request, api.Server, logger);

    /// <summary>All models.</summary>
    [Function("RepositoryIndex")]
    public Task<IActionResult> Index([HttpTrigger(AuthorizationLevel.Function, "post", Route = "v2/repository/index")] HttpRequest request) =>
        Answer.FromAsync(request, api.Index, logger);

    /// <summary>Statistics of all models.</summary>
    [Function("AllStats")]
    public Task<IActionResult> AllStats([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "v2/models/stats")] HttpRequest request) =>
        Answer.FromAsync(request, api.AllStats, logger);
}
