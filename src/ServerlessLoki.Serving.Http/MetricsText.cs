using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Http;

/// <summary>All series of one engine in the Prometheus text format; seconds, cumulative since the start.</summary>
public static class MetricsText
{
    /// <summary>The text.</summary>
    /// <param name="engine">Null while the host starts.</param>
    public static string Of(IServingEngine? engine)
    {
        var text = new PrometheusText();
        text.Family("loki_ready", "gauge", "1 when every task has a loaded variant.")
            .Sample("loki_ready", "", engine is { IsReady: true } ? 1 : 0);
        if (engine is null)
            return text.ToString();
        Engine(text, engine);
        Pipelines(text, engine);
        Variants(text, [.. engine.Metrics.Variants.SelectMany(p => p).SelectMany(t => t)]);
        TritonNames.Write(text, engine.Metrics);
        return text.ToString();
    }

    private static void Engine(PrometheusText text, IServingEngine engine)
    {
        var status = engine.Status();
        text.Family("loki_uptime_seconds", "gauge", "Since the engine started.").Sample("loki_uptime_seconds", "", status.Uptime.TotalSeconds)
            .Family("loki_plan_version", "gauge", "Version of the plan in force.").Sample("loki_plan_version", "", status.PlanVersion)
            .Family("loki_door_seconds", "histogram", "A request's first byte to its admission or refusal.").DurationsUs("loki_door_seconds", "", engine.Metrics.DoorUs)
            .Family("loki_decode_seconds", "histogram", "Time to decode a picture.").DurationsUs("loki_decode_seconds", "", engine.Metrics.DecodeUs)
            .Family("loki_plan_seconds", "histogram", "Time to make a plan.").DurationsUs("loki_plan_seconds", "", engine.Metrics.PlanUs)
            .Family("loki_swap_seconds", "histogram", "Time to load and warm a variant beside the old one.").DurationsUs("loki_swap_seconds", "", engine.Metrics.SwapUs);
        text.Family("loki_slots", "gauge", "Slots by state.");
        foreach (var state in status.Slots.GroupBy(s => s.State, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
            text.Sample("loki_slots", PrometheusText.Label("state", state.Key), state.Count());
        Gauge(text, status, "loki_demand_qps", "Demand of the last second: arrivals, of the rejected ones up to three times those that were taken.", p => p.DemandQps);
        Gauge(text, status, "loki_forecast_qps", "Demand the plan was made for.", p => p.ForecastQps);
        Gauge(text, status, "loki_served_qps", "Completed in the last second.", p => p.ServedQps);
        Gauge(text, status, "loki_planned_accuracy_ratio", "Expected accuracy of the plan.", p => p.PlannedAccuracy);
        Gauge(text, status, "loki_slo_seconds", "Latency objective.", p => p.SloMs / 1000);
    }

    private static void Pipelines(PrometheusText text, IServingEngine engine)
    {
        var all = engine.Metrics.Pipelines;
        text.Family("loki_arrivals_total", "counter", "Queries seen at the ingress, rejected ones included.");
        foreach (var p in all)
            text.Sample("loki_arrivals_total", Pipeline(p), p.Arrivals);
        text.Family("loki_queries_total", "counter", "Queries that ended, by outcome.");
        foreach (var p in all)
        {
            foreach (var outcome in Outcomes.All)
                text.Sample("loki_queries_total", $"{Pipeline(p)},{PrometheusText.Label("outcome", QueryOutcomes.Code(outcome))}", p.Count(outcome));
        }

        text.Family("loki_goodput_queries_total", "counter", "Queries answered within their deadline: their caller's, or else the SLO.");
        foreach (var p in all)
            text.Sample("loki_goodput_queries_total", Pipeline(p), p.Count(QueryOutcome.Completed));
        text.Family("loki_queries_beyond_slo_total", "counter", "Of those, answered after the SLO: their callers had asked for more time.");
        foreach (var p in all)
            text.Sample("loki_queries_beyond_slo_total", Pipeline(p), p.BeyondSlo);
        text.Family("loki_slo_attainment_ratio", "gauge", "Share of the servable queries answered within the SLO, whatever deadline they had, since the start.");
        foreach (var p in all)
            text.Sample("loki_slo_attainment_ratio", Pipeline(p), Outcomes.SloAttainment(p));
        text.Family("loki_deadline_attainment_ratio", "gauge", "Share of the servable queries answered within their deadline, since the start.");
        foreach (var p in all)
            text.Sample("loki_deadline_attainment_ratio", Pipeline(p), Outcomes.DeadlineAttainment(p));
        text.Family("loki_effective_accuracy_ratio", "gauge", "Mean expected accuracy of the answers, since the start.");
        foreach (var p in all)
            text.Sample("loki_effective_accuracy_ratio", Pipeline(p), Outcomes.Accuracy(p));
        text.Family("loki_accuracy_sum_total", "counter", "Sum of the answers' expected accuracies: its rate over that of loki_goodput_queries_total is the accuracy of a window.");
        foreach (var p in all)
            text.Sample("loki_accuracy_sum_total", Pipeline(p), p.AccuracySum);
        text.Family("loki_pending_queries", "gauge", "Admitted and not ended.");
        foreach (var p in all)
            text.Sample("loki_pending_queries", Pipeline(p), p.Pending);
        text.Family("loki_request_seconds", "histogram", "Arrival to end of completed queries.");
        foreach (var p in all)
            text.DurationsUs("loki_request_seconds", Pipeline(p), p.RequestUs);
        text.Family("loki_slack_seconds", "histogram", "Time left until the deadline at the end of completed queries.");
        foreach (var p in all)
            text.DurationsUs("loki_slack_seconds", Pipeline(p), p.SlackUs);
    }

    private static void Variants(PrometheusText text, VariantMetrics[] all)
    {
        Durations(text, all, "loki_queue_seconds", "Enqueue to start of the batch, per row.", v => v.QueueUs);
        Durations(text, all, "loki_compute_input_seconds", "Filling the input tensor, per batch.", v => v.InputUs);
        Durations(text, all, "loki_compute_seconds", "The model's run, per batch.", v => v.ComputeUs);
        Durations(text, all, "loki_compute_output_seconds", "Reading outputs and forwarding children, per batch.", v => v.OutputUs);
        text.Family("loki_batch_rows", "histogram", "Rows per batch.");
        foreach (var v in all)
            text.Rows("loki_batch_rows", Variant(v), v.BatchRows);
        Counter(text, all, "loki_batch_failures_total", "Batches whose run failed.", v => v.Failures);
        Counter(text, all, "loki_failed_rows_total", "Rows that ended without an answer for a fault of the server.", v => v.FailedRows);
        Counter(text, all, "loki_refused_rows_total", "Rows that the model cannot compute: the fault is in the query's data.", v => v.RefusedRows);
        Counter(text, all, "loki_nonfinite_rows_total", "Rows that the model answered with values that are not numbers.", v => v.NonFiniteRows);
        Counter(text, all, "loki_dropped_rows_total", "Rows dropped because no path could make their deadline.", v => v.Drops);
        Counter(text, all, "loki_swaps_total", "Times a slot loaded the variant.", v => v.Swaps);
    }

    private static void Durations(PrometheusText text, VariantMetrics[] all, string name, string help, Func<VariantMetrics, Histogram> of)
    {
        text.Family(name, "histogram", help);
        foreach (var v in all)
            text.DurationsUs(name, Variant(v), of(v));
    }

    private static void Counter(PrometheusText text, VariantMetrics[] all, string name, string help, Func<VariantMetrics, long> of)
    {
        text.Family(name, "counter", help);
        foreach (var v in all)
            text.Sample(name, Variant(v), of(v));
    }

    private static void Gauge(PrometheusText text, EngineStatus status, string name, string help, Func<PipelineStatus, double> of)
    {
        text.Family(name, "gauge", help);
        foreach (var p in status.Pipelines)
            text.Sample(name, PrometheusText.Label("pipeline", p.Name), of(p));
    }

    private static string Pipeline(PipelineMetrics p) => PrometheusText.Label("pipeline", p.Pipeline);

    private static string Variant(VariantMetrics v) =>
        $"{PrometheusText.Label("pipeline", v.Pipeline)},{PrometheusText.Label("task", v.Task)},{PrometheusText.Label("variant", v.Variant)}";
}
