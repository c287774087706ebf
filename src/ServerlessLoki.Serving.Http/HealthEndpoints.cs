using Microsoft.AspNetCore.Http;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Serving.Http;

/// <summary>Liveness, readiness and server metadata.</summary>
/// <remarks>The standard and its servers differ on the body, so both keys are always there.</remarks>
internal sealed class HealthEndpoints(LokiApiContext api)
{
    /// <summary>Seconds until the next attempt to load a variant that failed.</summary>
    private const string AnotherAttempt = "10";
    private static readonly string[] Extensions =
        ["binary_tensor_data", "model_configuration", "model_repository", "schedule_policy", "statistics"];

    public Task LiveAsync(HttpContext context) => HealthAsync(context, 200);

    public Task ReadyAsync(HttpContext context) => HealthAsync(context, IsReady ? 200 : 503);

    public Task ServerAsync(HttpContext context) => JsonAnswer.WriteAsync(context, 200, this, static (json, _) =>
    {
        json.WriteStartObject();
        json.WriteString("name"u8, "serverless-loki");
        json.WriteString("version"u8, typeof(HealthEndpoints).Assembly.GetName().Version!.ToString(3));
        json.WriteStartArray("extensions"u8);
        foreach (var extension in Extensions)
            json.WriteStringValue(extension);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public Task ModelReadyAsync(HttpContext context)
    {
        var engine = api.RequireEngine();
        var name = (string)context.Request.RouteValues["model"]!;
        ModelNames.RequireVersion(name, context.Request.RouteValues["version"] as string);
        if (engine.Find(name)?.Pipeline is null && ModelNames.FindVariant(engine, name) is null)
            throw ModelNames.Unknown(engine, name);
        var fault = engine.IsReady ? ModelNames.FaultOf(engine, name) : "Models are still being loaded.";
        if (fault is not null)
            context.Response.Headers.RetryAfter = engine.IsReady ? AnotherAttempt : "1";
        return JsonAnswer.WriteAsync(context, fault is null ? 200 : 503, (name, fault), static (json, s) =>
        {
            json.WriteStartObject();
            json.WriteString("name"u8, s.name);
            json.WriteBoolean("ready"u8, s.fault is null);
            if (s.fault is not null)
                json.WriteString("error"u8, s.fault);
            json.WriteEndObject();
        });
    }

    private bool IsReady => api.Engine is { IsReady: true };

    private Task HealthAsync(HttpContext context, int status)
    {
        if (status == 503)
            context.Response.Headers.RetryAfter = "1";
        return JsonAnswer.WriteAsync(context, status, (status, IsReady), static (json, s) =>
        {
            json.WriteStartObject();
            json.WriteBoolean("live"u8, true);
            json.WriteBoolean("ready"u8, s.IsReady);
            if (s.status != 200)
                json.WriteString("error"u8, "Not ready: models are still being loaded.");
            json.WriteEndObject();
        });
    }
}
