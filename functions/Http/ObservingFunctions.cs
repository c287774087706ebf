using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Functions.Http;

/// <summary>What there is to see.</summary>
public sealed class ObservingFunctions(LokiEndpoints api, ILogger<ObservingFunctions> logger)
{
    /// <summary>The plan in force.</summary>
    [Function("Plan")]
    public Task<IActionResult> Plan([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "plan")] HttpRequest request) =>
        Answer.FromAsync(request, api.Plan, logger);

    /// <summary>What happens right now.</summary>
    [Function("Status")]
    public Task<IActionResult> Status([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "status")] HttpRequest request) =>
        Answer.FromAsync(request, api.Status, logger);

    /// <summary>All series of this instance.</summary>
    [Function("Metrics")]
    public Task<IActionResult> Metrics([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "metrics")] HttpRequest request) =>
        Answer.FromAsync(request, api.Metrics, logger);
}
