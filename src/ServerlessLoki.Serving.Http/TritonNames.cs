using ServerlessLoki.Serving.Queries;
using Tags = System.Collections.Immutable.ImmutableArray<System.Collections.Generic.KeyValuePair<string, object?>>;

namespace ServerlessLoki.Serving.Http;

/// <summary>Series <c>nv_inference_*</c> that existing dashboards read, from the same counts, per pipeline and per variant.</summary>
internal sealed class TritonNames
{
    private readonly PrometheusText _text;
    private readonly Figures _figures;
    private readonly Tags[] _pipelines;
    private readonly Tags[] _variants;

    private TritonNames(PrometheusText text, Figures figures)
    {
        (_text, _figures) = (text, figures);
        (_pipelines, _variants) = (figures.TagsOf("loki.arrivals"), figures.TagsOf("loki.rows"));
    }

    public static void Write(PrometheusText text, Figures figures) => new TritonNames(text, figures).Write();

    private void Write()
    {
        Counter("nv_inference_request_success", "Successful requests (pipelines), rows (variants).", Completed, Rows);
        Failures();
        Counter("nv_inference_count", "Rows inferred.", Completed, Rows);
        Counter("nv_inference_exec_count", "Batches run.", Completed, v => _figures.Series("loki.compute", v).Count);
        _text.Family("nv_inference_pending_request_count", "gauge", "Admitted and not ended.");
        foreach (var p in _pipelines)
            _text.Sample("nv_inference_pending_request_count", Model(p), _figures.Value("loki.pending.queries", p));
        Counter("nv_inference_request_duration_us", "Cumulative request time.", p => Us("loki.request", p),
            v => Us("loki.queue", v) + Us("loki.compute.input", v) + Us("loki.compute", v) + Us("loki.compute.output", v));
        Counter("nv_inference_queue_duration_us", "Cumulative queue time.", null, v => Us("loki.queue", v));
        Counter("nv_inference_compute_input_duration_us", "Cumulative time of filling inputs.", null, v => Us("loki.compute.input", v));
        Counter("nv_inference_compute_infer_duration_us", "Cumulative time of model runs.", null, v => Us("loki.compute", v));
        Counter("nv_inference_compute_output_duration_us", "Cumulative time of reading outputs.", null, v => Us("loki.compute.output", v));
    }

    private void Failures()
    {
        const string Name = "nv_inference_request_failure";
        _text.Family(Name, "counter", "Failed requests by reason.");
        foreach (var p in _pipelines)
        {
            Reason(p, "REJECTED", Ended(p, QueryOutcome.Rejected) + Ended(p, QueryOutcome.Unavailable) + Ended(p, QueryOutcome.Expired));
            Reason(p, "CANCELED", Ended(p, QueryOutcome.Cancelled));
            Reason(p, "BACKEND", Ended(p, QueryOutcome.Failed));
            Reason(p, "OTHER", Ended(p, QueryOutcome.Invalid) + Ended(p, QueryOutcome.Malformed));
        }

        foreach (var v in _variants)
        {
            Reason(v, "REJECTED", _figures.Value("loki.dropped.rows", v));
            Reason(v, "BACKEND", _figures.Value("loki.failed.rows", v) + _figures.Value("loki.nonfinite.rows", v));
            Reason(v, "OTHER", _figures.Value("loki.refused.rows", v));
        }

        void Reason(Tags model, string reason, double count) => _text.Sample(Name, $"{Model(model)},{PrometheusText.Label("reason", reason)}", count);
    }

    private void Counter(string name, string help, Func<Tags, double>? ofPipeline, Func<Tags, double> ofVariant)
    {
        _text.Family(name, "counter", help);
        if (ofPipeline is not null)
        {
            foreach (var p in _pipelines)
                _text.Sample(name, Model(p), ofPipeline(p));
        }

        foreach (var v in _variants)
            _text.Sample(name, Model(v), ofVariant(v));
    }

    private double Completed(Tags pipeline) => Ended(pipeline, QueryOutcome.Completed);

    private double Ended(Tags pipeline, QueryOutcome outcome) => _figures.Value("loki.queries", pipeline, QueryOutcomes.Code(outcome));

    private double Rows(Tags variant) => _figures.Value("loki.rows", variant);

    private double Us(string instrument, Tags tags) => _figures.Series(instrument, tags).Sum;

    /// <summary>Writes the <c>model</c> label. Pipelines and variants are models alike; their names are their last tags.</summary>
    private static string Model(Tags tags) => $"{PrometheusText.Label("model", (string)tags[^1].Value!)},version=\"1\"";
}
