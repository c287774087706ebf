using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Http;

/// <summary>Cumulative statistics in the format of the protocol's best-known server (Triton).</summary>
/// <remarks><c>inference_count</c> counts rows, <c>execution_count</c> batches; queue durations are per row, compute
/// durations per batch. A pipeline counts its queries, and in <c>beyond_slo_count</c> those completed after its SLO.</remarks>
internal sealed class StatsEndpoints(LokiApiContext api)
{
    public Task AllAsync(HttpContext context)
    {
        var engine = api.RequireEngine();
        return JsonAnswer.WriteAsync(context, 200, engine, static (json, e) =>
        {
            Begin(json);
            for (var p = 0; p < e.Pipelines.Count; p++)
            {
                Pipeline(json, e.Metrics.Pipelines[p]);
                foreach (var variant in e.Metrics.Variants[p].SelectMany(t => t))
                    Variant(json, variant);
            }

            End(json);
        });
    }

    public Task OneAsync(HttpContext context)
    {
        var engine = api.RequireEngine();
        var name = (string)context.Request.RouteValues["model"]!;
        ModelNames.RequireVersion(name, context.Request.RouteValues["version"] as string);
        var pipeline = engine.Metrics.Pipelines.FirstOrDefault(p => p.Pipeline == name);
        var variant = ModelNames.FindVariant(engine, name);
        if (pipeline is null && variant is null)
            throw ModelNames.Unknown(engine, name);
        return JsonAnswer.WriteAsync(context, 200, (engine, pipeline, variant), static (json, s) =>
        {
            Begin(json);
            if (s.pipeline is not null)
                Pipeline(json, s.pipeline);
            else if (s.variant is { } v)
                Variant(json, s.engine.Metrics.Variants[v.Pipeline][v.Task][v.Variant.Index]);
            End(json);
        });
    }

    private static void Begin(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("model_stats"u8);
    }

    private static void End(Utf8JsonWriter json)
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Pipeline(Utf8JsonWriter json, PipelineMetrics metrics)
    {
        var completed = metrics.Count(QueryOutcome.Completed);
        Head(json, metrics.Pipeline, 0, completed, completed, metrics.BeyondSlo);
        Duration(json, "success", completed, metrics.RequestUs.Sum);
        Duration(json, "fail", Outcomes.Lost(metrics), 0);
        foreach (var stage in (ReadOnlySpan<string>)["queue", "compute_input", "compute_infer", "compute_output", "cache_hit", "cache_miss"])
            Duration(json, stage, 0, 0);
        Tail(json, []);
    }

    private static void Variant(Utf8JsonWriter json, VariantMetrics metrics)
    {
        var all = metrics.QueueUs.Sum + metrics.InputUs.Sum + metrics.ComputeUs.Sum + metrics.OutputUs.Sum;
        Head(json, metrics.Variant, metrics.LastInferenceMs, metrics.Rows, metrics.ComputeUs.Count);
        Duration(json, "success", metrics.Rows, all);
        Duration(json, "fail", metrics.LostRows, 0);
        Duration(json, "queue", metrics.QueueUs);
        Duration(json, "compute_input", metrics.InputUs);
        Duration(json, "compute_infer", metrics.ComputeUs);
        Duration(json, "compute_output", metrics.OutputUs);
        Duration(json, "cache_hit", 0, 0);
        Duration(json, "cache_miss", 0, 0);
        Tail(json, metrics.BatchStats);
    }

    private static void Head(Utf8JsonWriter json, string name, long lastMs, long rows, long batches, long? beyondSlo = null)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteString("version"u8, InferJson.Version);
        json.WriteNumber("last_inference"u8, lastMs);
        json.WriteNumber("inference_count"u8, rows);
        json.WriteNumber("execution_count"u8, batches);
        if (beyondSlo is { } count)
            json.WriteNumber("beyond_slo_count"u8, count);
        json.WriteStartObject("inference_stats"u8);
    }

    private static void Tail(Utf8JsonWriter json, ImmutableArray<BatchSizeStats> batches)
    {
        json.WriteEndObject();
        json.WriteStartObject("response_stats"u8);
        json.WriteEndObject();
        json.WriteStartArray("batch_stats"u8);
        foreach (var batch in batches)
        {
            json.WriteStartObject();
            json.WriteNumber("batch_size"u8, batch.Rows);
            Duration(json, "compute_input", batch.Count, batch.InputUs);
            Duration(json, "compute_infer", batch.Count, batch.ComputeUs);
            Duration(json, "compute_output", batch.Count, batch.OutputUs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("memory_usage"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Duration(Utf8JsonWriter json, string name, Histogram us) => Duration(json, name, us.Count, us.Sum);

    private static void Duration(Utf8JsonWriter json, string name, long count, long us)
    {
        json.WriteStartObject(name);
        json.WriteNumber("count"u8, count);
        json.WriteNumber("ns"u8, us * 1000);
        json.WriteEndObject();
    }
}
