using System.Diagnostics.Metrics;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Counters of an engine's meter: observables of lock-free counts. Tags: <c>pipeline</c>, of outcomes with <c>outcome</c>
/// (<see cref="QueryOutcomes.Code"/>); of variants <c>pipeline</c>, <c>task</c>, <c>variant</c>.</summary>
internal static class Counters
{
    public static void Publish(Meter meter, ServingMetrics metrics)
    {
        var pipelines = metrics.Pipelines;
        Counter("loki.arrivals", "{query}", "Queries seen at the ingress, rejected ones included.", p => p.Arrivals);
        meter.CreateObservableCounter("loki.queries", () => pipelines.SelectMany(Ends), "{query}", "Queries that ended, by outcome.");
        Counter("loki.goodput.queries", "{query}", "Queries answered within their deadline: their caller's, or else the SLO.", p => p.Count(QueryOutcome.Completed));
        Counter("loki.queries.beyond_slo", "{query}", "Of those, answered after the SLO: their callers had asked for more time.", p => p.BeyondSlo);
        Share("loki.slo_attainment", "Share of the servable queries answered within the SLO, whatever deadline they had, since the start.", Outcomes.SloAttainment);
        Share("loki.deadline_attainment", "Share of the servable queries answered within their deadline, since the start.", Outcomes.DeadlineAttainment);
        Share("loki.effective_accuracy", "Mean expected accuracy of the answers, since the start.", Outcomes.Accuracy);
        meter.CreateObservableCounter(
            "loki.accuracy_sum", () => pipelines.Select(p => Of(p, p.AccuracySum)), description:
            "Sum of the answers' expected accuracies: its rate over that of loki_goodput_queries_total is the accuracy of a window.");
        meter.CreateObservableUpDownCounter("loki.pending.queries", () => pipelines.Select(p => Of(p, p.Pending)), "{query}", "Admitted and not ended.");

        void Counter(string name, string unit, string description, Func<PipelineMetrics, long> of) =>
            meter.CreateObservableCounter(name, () => pipelines.Select(p => Of(p, of(p))), unit, description);

        void Share(string name, string description, Func<PipelineMetrics, double> of) =>
            meter.CreateObservableGauge(name, () => pipelines.Select(p => Of(p, of(p))), "1", description);

        Variants(meter, [.. metrics.Variants.SelectMany(static p => p).SelectMany(static t => t)]);
    }

    private static void Variants(Meter meter, VariantMetrics[] all)
    {
        Counter("loki.rows", "{row}", "Rows inferred.", v => v.Rows);
        Counter("loki.batch.failures", "{batch}", "Batches whose run failed.", v => v.Failures);
        Counter("loki.failed.rows", "{row}", "Rows that ended without an answer for a fault of the server.", v => v.FailedRows);
        Counter("loki.refused.rows", "{row}", "Rows that the model cannot compute: the fault is in the query's data.", v => v.RefusedRows);
        Counter("loki.nonfinite.rows", "{row}", "Rows that the model answered with values that are not numbers.", v => v.NonFiniteRows);
        Counter("loki.dropped.rows", "{row}", "Rows dropped because no path could make their deadline.", v => v.Drops);
        Counter("loki.swaps", "{load}", "Times a slot loaded the variant.", v => v.Swaps);

        void Counter(string name, string unit, string description, Func<VariantMetrics, long> of) =>
            meter.CreateObservableCounter(name, () => all.Select(v => Of(v, of(v))), unit, description);
    }

    private static IEnumerable<Measurement<long>> Ends(PipelineMetrics pipeline) => Outcomes.All.Select(o => new Measurement<long>(
        pipeline.Count(o), new("pipeline", pipeline.Pipeline), new("outcome", QueryOutcomes.Code(o))));

    private static Measurement<T> Of<T>(PipelineMetrics pipeline, T value)
        where T : struct => new(value, new KeyValuePair<string, object?>("pipeline", pipeline.Pipeline));

    private static Measurement<T> Of<T>(VariantMetrics variant, T value)
        where T : struct => new(value, new("pipeline", variant.Pipeline), new("task", variant.Task), new("variant", variant.Variant));
}
