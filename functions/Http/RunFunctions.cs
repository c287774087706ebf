using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Functions.Durable;
using ServerlessLoki.Serving.Http;
using ServerlessLoki.Serving.Runs;

namespace ServerlessLoki.Functions.Http;

/// <summary>HTTP triggers of durable runs.</summary>
public sealed class RunFunctions(LokiEndpoints api, OrchestratedRuns.Factory runs, ILogger<RunFunctions> logger)
{
    /// <summary>Starts a run.</summary>
    [Function("StartRun")]
    public Task<IActionResult> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "runs")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        AnswerAsync(request, client, api.CreateRun);

    /// <summary>Lists runs, newest first.</summary>
    [Function("ListRuns")]
    public Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "runs")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        AnswerAsync(request, client, api.ListRuns);

    /// <summary>Returns a run with its result.</summary>
    [Function("GetRun")]
    public Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "runs/{id}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        AnswerAsync(request, client, api.Run);

    /// <summary>Cancels a run, or removes one that has ended.</summary>
    [Function("DeleteRun")]
    public Task<IActionResult> Delete(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "runs/{id}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        AnswerAsync(request, client, api.DeleteRun);

    /// <summary>Returns Durable's own addresses of a run's orchestration. They contain a key, so this needs the master key.</summary>
    [Function("ManageRun")]
    public static IActionResult Manage(
        [HttpTrigger(AuthorizationLevel.Admin, "get", Route = "runs/{id}/management")] HttpRequest request, string id, [DurableClient] DurableTaskClient client)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new JsonResult(client.CreateHttpManagementPayload(id));
    }

    private Task<IActionResult> AnswerAsync(HttpRequest request, DurableTaskClient client, RequestDelegate endpoint)
    {
        request.HttpContext.Features.Set<IRuns>(runs(client));
        return Answer.FromAsync(request, endpoint, logger);
    }
}
