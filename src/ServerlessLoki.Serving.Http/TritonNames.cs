using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Http;

/// <summary>The <c>nv_inference_*</c> series that existing dashboards read: per pipeline and per variant.</summary>
internal static class TritonNames
{
    public static void Write(PrometheusText text, ServingMetrics metrics)
    {
        VariantMetrics[] variants = [.. metrics.Variants.SelectMany(p => p).SelectMany(t => t)];
        Family(text, "nv_inference_request_success", "Successful requests (pipelines), rows (variants).");
        foreach (var p in metrics.Pipelines)
            text.Sample("nv_inference_request_success", Model(p.Pipeline), p.Count(QueryOutcome.Completed));
        foreach (var v in variants)
            text.Sample("nv_inference_request_success", Model(v.Variant), v.Rows);
        Failures(text, metrics, variants);
        Counter(text, metrics, variants, "nv_inference_count", "Rows inferred.", p => p.Count(QueryOutcome.Completed), v => v.Rows);
        Counter(text, metrics, variants, "nv_inference_exec_count", "Batches run.", p => p.Count(QueryOutcome.Completed), v => v.ComputeUs.Count);
        text.Family("nv_inference_pending_request_count", "gauge", "Admitted and not ended.");
        foreach (var p in metrics.Pipelines)
            text.Sample("nv_inference_pending_request_count", Model(p.Pipeline), p.Pending);
        Counter(text, metrics, variants, "nv_inference_request_duration_us", "Cumulative request time.",
            p => p.RequestUs.Sum, v => v.QueueUs.Sum + v.InputUs.Sum + v.ComputeUs.Sum + v.OutputUs.Sum);
        Counter(text, metrics, variants, "nv_inference_queue_duration_us", "Cumulative queue time.", null, v => v.QueueUs.Sum);
        Counter(text, metrics, variants, "nv_inference_compute_input_duration_us", "Cumulative time of filling inputs.", null, v => v.InputUs.Sum);
        Counter(text, metrics, variants, "nv_inference_compute_infer_duration_us", "Cumulative time of model runs.", null, v => v.ComputeUs.Sum);
        Counter(text, metrics, variants, "nv_inference_compute_output_duration_us", "Cumulative time of reading outputs.", null, v => v.OutputUs.Sum);
    }

    private static void Failures(PrometheusText text, ServingMetrics metrics, VariantMetrics[] variants)
    {
        const string Name = "nv_inference_request_failure";
        Family(text, Name, "Failed requests by reason.");
        foreach (var p in metrics.Pipelines)
        {
            Reason(text, p.Pipeline, "REJECTED", p.Count(QueryOutcome.Rejected) + p.Count(QueryOutcome.Unavailable) + p.Count(QueryOutcome.Expired));
            Reason(text, p.Pipeline, "CANCELED", p.Count(QueryOutcome.Cancelled));
            Reason(text, p.Pipeline, "BACKEND", p.Count(QueryOutcome.Failed));
            Reason(text, p.Pipeline, "OTHER", p.Count(QueryOutcome.Invalid) + p.Count(QueryOutcome.Malformed));
        }

        foreach (var v in variants)
        {
            Reason(text, v.Variant, "REJECTED", v.Drops);
            Reason(text, v.Variant, "BACKEND", v.FailedRows + v.NonFiniteRows);
            Reason(text, v.Variant, "OTHER", v.RefusedRows);
        }

        static void Reason(PrometheusText text, string model, string reason, long count) =>
            text.Sample(Name, $"{Model(model)},{PrometheusText.Label("reason", reason)}", count);
    }

    private static void Counter(
        PrometheusText text, ServingMetrics metrics, VariantMetrics[] variants, string name, string help,
        Func<PipelineMetrics, long>? ofPipeline, Func<VariantMetrics, long> ofVariant)
    {
        Family(text, name, help);
        if (ofPipeline is not null)
        {
            foreach (var p in metrics.Pipelines)
                text.Sample(name, Model(p.Pipeline), ofPipeline(p));
        }

        foreach (var v in variants)
            text.Sample(name, Model(v.Variant), ofVariant(v));
    }

    private static void Family(PrometheusText text, string name, string help) => text.Family(name, "counter", help);

    private static string Model(string name) => $"{PrometheusText.Label("model", name)},version=\"1\"";
}
