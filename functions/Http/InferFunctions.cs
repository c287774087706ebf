using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Api;

namespace ServerlessLoki.Functions.Http;

/// <summary>The express path.</summary>
public sealed class InferFunctions(LokiEndpoints api, ILogger<InferFunctions> logger)
{
    /// <summary>The platform closes a request after 230 s (peers.md 11); an answer must be there before.</summary>
    internal static readonly TimeSpan MostWait = TimeSpan.FromSeconds(220);

    /// <summary>Inference.</summary>
    [Function("Infer")]
    public Task<IActionResult> Infer(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v2/models/{model}/infer")] HttpRequest request) => InferAsync(request);

    /// <summary>Inference on a model's one version.</summary>
    [Function("InferVersion")]
    public Task<IActionResult> InferVersion(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v2/models/{model}/versions/{version}/infer")] HttpRequest request) => InferAsync(request);

    private Task<IActionResult> InferAsync(HttpRequest request) => Answer.FromAsync(request, BoundedAsync, logger);

    /// <summary>The lowest of all deadlines counts, so one more at the platform's limit changes no other.</summary>
    private Task BoundedAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (InferHeaders.ReadDeadline(headers[InferHeaders.DeadlineHeader]) is not { } own || own > MostWait)
            headers[InferHeaders.DeadlineHeader] = MostWait.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
        return api.Infer(context);
    }
}
