using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Functions.Http;

/// <summary>HTTP triggers for observing the system.</summary>
public sealed class ObservingFunctions(LokiEndpoints api, ILogger<ObservingFunctions> logger)
{
    /// <summary>Returns the plan in force.</summary>
    [Function("Plan")]
    public Task<IActionResult> Plan([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "plan")] HttpRequest request) =>
        Answer.FromAsync(request, api.Plan, logger);

    /// <summary>Returns the present status.</summary>
    [Function("Status")]
    public Task<IActionResult> Status([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "status")] HttpRequest request) =>
        Answer.FromAsync(request, api.Status, logger);

    /// <summary>Returns all metrics of this instance.</summary>
    [Function("Metrics")]
    public Task<IActionResult> Metrics([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "metrics")] HttpRequest request) =>
        Answer.FromAsync(request, api.Metrics, logger);
}
