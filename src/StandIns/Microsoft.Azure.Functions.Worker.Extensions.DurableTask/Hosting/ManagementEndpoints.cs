using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>The addresses of <see cref="HttpManagementPayload"/>, as the host's extension answers them.</summary>
internal static class ManagementEndpoints
{
    public static void Map(WebApplication app, InProcessDurableClient client)
    {
        var instance = app.MapGroup("/runtime/webhooks/durabletask/instances/{id}");
        instance.MapGet("", async (string id, CancellationToken stop) =>
            await client.GetInstanceAsync(id, getInputsAndOutputs: true, stop) is { } found
                ? Results.Json(Status(found), statusCode: found.IsCompleted ? StatusCodes.Status200OK : StatusCodes.Status202Accepted)
                : Results.NotFound());
        instance.MapDelete("", async (string id, CancellationToken stop) =>
            await client.PurgeInstanceAsync(id, stop) is { PurgedInstanceCount: > 0 } purged
                ? Results.Json(new { instancesDeleted = purged.PurgedInstanceCount })
                : Results.NotFound());
        instance.MapPost("raiseEvent/{name}", async (string id, string name, HttpRequest request) =>
        {
            var payload = await JsonSerializer.DeserializeAsync<JsonElement>(request.Body, cancellationToken: request.HttpContext.RequestAborted);
            return await OnRunningAsync(client, id, stop => client.RaiseEventAsync(id, name, payload, stop), request.HttpContext.RequestAborted);
        });
        instance.MapPost("terminate", (string id, string? reason, CancellationToken stop) =>
            OnRunningAsync(client, id, s => client.TerminateInstanceAsync(id, reason, s), stop));
    }

    private static async Task<IResult> OnRunningAsync(DurableTaskClient client, string id, Func<CancellationToken, Task> act, CancellationToken stop)
    {
        if (await client.GetInstanceAsync(id, stop) is not { } found)
            return Results.NotFound();
        if (found.IsCompleted)
            return Results.StatusCode(StatusCodes.Status410Gone);
        await act(stop);
        return Results.Accepted();
    }

    private static object Status(OrchestrationMetadata found) => new
    {
        name = found.Name,
        instanceId = found.InstanceId,
        runtimeStatus = found.RuntimeStatus.ToString(),
        input = Json(found.SerializedInput),
        customStatus = Json(found.SerializedCustomStatus),
        output = Json(found.SerializedOutput),
        createdTime = found.CreatedAt.UtcDateTime,
        lastUpdatedTime = found.LastUpdatedAt.UtcDateTime,
    };

    private static JsonElement? Json(string? text) => text is null ? null : JsonSerializer.Deserialize<JsonElement>(text);
}
