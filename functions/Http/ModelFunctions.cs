using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Functions.Http;

/// <summary>HTTP triggers of Open Inference Protocol v2 for one model, which is a pipeline or a variant.</summary>
public sealed class ModelFunctions(LokiEndpoints api, ILogger<ModelFunctions> logger)
{
    /// <summary>Returns the metadata of a model.</summary>
    [Function("Model")]
    public Task<IActionResult> Model([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "v2/models/{model}")] HttpRequest request) =>
        Answer.FromAsync(request, api.Model, logger);

    /// <summary>Returns whether a model is ready.</summary>
    [Function("ModelReady")]
    public Task<IActionResult> ModelReady([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "v2/models/{model}/ready")] HttpRequest request) =>
        Answer.FromAsync(request, api.ModelReady, logger);

    /// <summary>Returns the configuration of a model.</summary>
    [Function("ModelConfig")]
    public Task<IActionResult> ModelConfig([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "v2/models/{model}/config")] HttpRequest request) =>
        Answer.FromAsync(request, api.ModelConfig, logger);

    /// <summary>Returns the statistics of a model.</summary>
    [Function("ModelStats")]
    public Task<IActionResult> ModelStats([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "v2/models/{model}/stats")] HttpRequest request) =>
        Answer.FromAsync(request, api.ModelStats, logger);

    /// <summary>Returns the metadata of a model's only version.</summary>
    [Function("ModelVersion")]
    public Task<IActionResult> ModelVersion([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "v2/models/{model}/versions/{version}")] HttpRequest request) =>
        Answer.FromAsync(request, api.Model, logger);

    /// <summary>Returns whether a model's only version is ready.</summary>
    [Function("ModelReadyVersion")]
    public Task<IActionResult> ModelReadyVersion([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "v2/models/{model}/versions/{version}/ready")] HttpRequest request) =>
        Answer.FromAsync(request, api.ModelReady, logger);

    /// <summary>Returns the configuration of a model's only version.</summary>
    [Function("ModelConfigVersion")]
    public Task<IActionResult> ModelConfigVersion([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "v2/models/{model}/versions/{version}/config")] HttpRequest request) =>
        Answer.FromAsync(request, api.ModelConfig, logger);

    /// <summary>Returns the statistics of a model's only version.</summary>
    [Function("ModelStatsVersion")]
    public Task<IActionResult> ModelStatsVersion([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "v2/models/{model}/versions/{version}/stats")] HttpRequest request) =>
        Answer.FromAsync(request, api.ModelStats, logger);
}
