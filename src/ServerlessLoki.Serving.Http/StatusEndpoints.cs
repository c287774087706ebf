using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Runs;

namespace ServerlessLoki.Serving.Http;

/// <summary>Endpoints <c>GET /status</c>, the present state, and <c>GET /</c>, a page that shows it.</summary>
internal sealed class StatusEndpoints(LokiApiContext api)
{
    public Task StatusAsync(HttpContext context) =>
        JsonAnswer.WriteAsync(context, 200, (Status: api.Engine?.Status(), api.Runs), static (json, s) => Write(json, s.Status, s.Runs));

    public static async Task PageAsync(HttpContext context)
    {
        // The page's links are relative: below a prefix they need the slash.
        if (context.Request.Path.Value is { } path && !path.EndsWith('/'))
        {
            context.Response.Redirect($"{context.Request.PathBase}{context.Request.Path}/");
            return;
        }

        var page = StatusPage.Bytes;
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = page.Length;
        await context.Response.BodyWriter.WriteAsync(page, context.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, EngineStatus? status, IRuns? runs)
    {
        json.WriteStartObject();
        json.WriteBoolean("ready"u8, status is { Ready: true });
        json.WriteString("state"u8, status switch { null => "starting", { Ready: true } => "serving", _ => "loading" });
        if (status is not null)
            Engine(json, status, runs);
        json.WriteEndObject();
    }

    private static void Engine(Utf8JsonWriter json, EngineStatus status, IRuns? runs)
    {
        PlanEndpoints.Number(json, "uptime_seconds", status.Uptime.TotalSeconds);
        json.WriteString("policy"u8, status.Policy);
        json.WriteNumber("plan_version"u8, status.PlanVersion);
        json.WriteString("last_fault"u8, status.LastFault);
        json.WriteNumber("runs_waiting"u8, runs?.Backlog ?? 0);
        json.WriteString("store_fault"u8, runs?.StoreFault);
        json.WriteStartArray("pipelines"u8);
        foreach (var pipeline in status.Pipelines)
            Pipeline(json, pipeline);
        json.WriteEndArray();
        json.WriteStartArray("slots"u8);
        foreach (var slot in status.Slots)
            Slot(json, slot);
        json.WriteEndArray();
        json.WriteStartArray("fleet"u8);
        foreach (var device in status.Fleet)
            Device(json, device);
        json.WriteEndArray();
    }

    private static void Pipeline(Utf8JsonWriter json, PipelineStatus pipeline)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, pipeline.Name);
        PlanEndpoints.Number(json, "slo_ms", pipeline.SloMs);
        PlanEndpoints.Number(json, "demand_qps", pipeline.DemandQps);
        PlanEndpoints.Number(json, "forecast_qps", pipeline.ForecastQps);
        PlanEndpoints.Number(json, "served_qps", pipeline.ServedQps);
        PlanEndpoints.Number(json, "beyond_slo_qps", pipeline.BeyondSloQps);
        json.WriteNumber("pending"u8, pipeline.Pending);
        PlanEndpoints.Number(json, "planned_accuracy", pipeline.PlannedAccuracy);
        PlanEndpoints.Number(json, "measured_accuracy", pipeline.MeasuredAccuracy);
        json.WriteStartArray("tasks"u8);
        foreach (var task in pipeline.Tasks)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, task.Name);
            json.WriteStartObject("queued"u8);
            foreach (var (variant, rows) in task.Queued)
                json.WriteNumber(variant, rows);
            json.WriteEndObject();
            json.WriteString("why"u8, task.Why);
            json.WriteStartArray("variants"u8);
            foreach (var variant in task.Variants)
                Variant(json, variant);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Variant(Utf8JsonWriter json, VariantStatus variant)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, variant.Name);
        json.WriteString("one_row_because"u8, variant.HeldBecause);
        json.WriteString("fault"u8, variant.Fault);
        json.WriteNumber("rows"u8, variant.Rows);
        json.WriteNumber("failed_rows"u8, variant.FailedRows);
        json.WriteNumber("refused_rows"u8, variant.RefusedRows);
        json.WriteNumber("nonfinite_rows"u8, variant.NonFiniteRows);
        json.WriteEndObject();
    }

    private static void Device(Utf8JsonWriter json, FleetStatus device)
    {
        json.WriteStartObject();
        json.WriteString("device"u8, device.Device);
        Count(json, "slots"u8, device.Slots);
        Count(json, "wanted"u8, device.Wanted);
        Time(json, "changed"u8, device.Changed);
        json.WriteString("fault"u8, device.Failure);
        Time(json, "failed_at"u8, device.FailedAt);
        json.WriteEndObject();

        static void Count(Utf8JsonWriter json, ReadOnlySpan<byte> name, int? count)
        {
            if (count is { } number)
                json.WriteNumber(name, number);
            else
                json.WriteNull(name);
        }

        static void Time(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? time)
        {
            if (time is { } known)
                json.WriteString(name, known);
            else
                json.WriteNull(name);
        }
    }

    private static void Slot(Utf8JsonWriter json, SlotStatus slot)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, slot.Id);
        json.WriteString("state"u8, slot.State);
        json.WriteString("variant"u8, slot.Variant);
        if (slot.Held.Length > 0)
        {
            json.WriteStartArray("held"u8);
            foreach (var variant in slot.Held)
                json.WriteStringValue(variant);
            json.WriteEndArray();
        }

        json.WriteNumber("batch"u8, slot.Batch);
        json.WriteString("provider"u8, slot.Provider);
        json.WriteString("provider_fallback"u8, slot.ProviderFallback);
        json.WriteString("fault"u8, slot.Fault);
        json.WriteEndObject();
    }
}
