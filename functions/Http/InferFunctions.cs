using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Functions.Http;

/// <summary>HTTP triggers of inference on the express path.</summary>
public sealed class InferFunctions(LokiEndpoints api, ILogger<InferFunctions> logger)
{
    /// <summary>Runs an inference.</summary>
    [Function("Infer")]
    public Task<IActionResult> Infer(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v2/models/{model}/infer")] HttpRequest request) => InferAsync(request);

    /// <summary>Runs an inference on a model's only version.</summary>
    [Function("InferVersion")]
    public Task<IActionResult> InferVersion(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v2/models/{model}/versions/{version}/infer")] HttpRequest request) => InferAsync(request);

    private Task<IActionResult> InferAsync(HttpRequest request) => Answer.FromAsync(request, api.Infer, logger);
}
