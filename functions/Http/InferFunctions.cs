using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Functions.Http;

/// <summary>The express path.</summary>
public sealed class InferFunctions(LokiEndpoints api, ILogger<InferFunctions> logger)
{
    /// <summary>Inference.</summary>
    [Function("Infer")]
    public Task<IActionResult> Infer(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v2/models/{model}/infer")] HttpRequest request) => InferAsync(request);

    /// <summary>Inference on a model's one version.</summary>
    [Function("InferVersion")]
    public Task<IActionResult> InferVersion(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v2/models/{model}/versions/{version}/infer")] HttpRequest request) => InferAsync(request);

    private Task<IActionResult> InferAsync(HttpRequest request) => Answer.FromAsync(request, api.Infer, logger);
}
