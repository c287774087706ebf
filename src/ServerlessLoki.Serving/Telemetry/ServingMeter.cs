using System.Diagnostics.Metrics;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>One engine's series as instruments, for collectors that add up many instances: <c>/metrics</c> shows one.</summary>
/// <remarks>Effective accuracy is <c>loki.accuracy</c> over <c>loki.queries</c> with outcome completed; mean latencies likewise, sums over counts.</remarks>
public sealed class ServingMeter : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "ServerlessLoki.Serving";

    private static readonly QueryOutcome[] s_outcomes = Enum.GetValues<QueryOutcome>();
    private readonly Meter _meter = new(Name);

    /// <summary>Publishes the series until disposed.</summary>
    public ServingMeter(ServingMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        var variants = metrics.Variants.SelectMany(static p => p).SelectMany(static t => t).ToArray();
        _meter.CreateObservableCounter("loki.arrivals", () => metrics.Pipelines.Select(p => Of(p, p.Arrivals)), description: "Queries seen, rejected ones included.");
        _meter.CreateObservableCounter("loki.queries", () => metrics.Pipelines.SelectMany(Outcomes), description: "Queries that ended, by outcome.");
        _meter.CreateObservableCounter(
            "loki.queries.beyond_slo", () => metrics.Pipelines.Select(p => Of(p, p.BeyondSlo)), description: "Completed queries that had asked for more time than the SLO and took it.");
        _meter.CreateObservableCounter("loki.accuracy", () => metrics.Pipelines.Select(p => Of(p, p.AccuracySum)), description: "Sum of the expected accuracies of completed queries.");
        _meter.CreateObservableCounter(
            "loki.latency", () => metrics.Pipelines.Select(p => Of(p, p.RequestUs.Sum / 1e3)), "ms", "Sum of the latencies of completed queries.");
        _meter.CreateObservableUpDownCounter("loki.pending", () => metrics.Pipelines.Select(p => Of(p, p.Pending)), description: "Queries admitted and not ended.");
        _meter.CreateObservableCounter("loki.rows", () => variants.Select(v => Of(v, v.Rows)), description: "Rows inferred.");
        _meter.CreateObservableCounter("loki.rows.lost", () => variants.SelectMany(LostRows), description: "Rows that ended without an answer, by reason.");
        _meter.CreateObservableCounter("loki.batches", () => variants.Select(v => Of(v, v.ComputeUs.Count)), description: "Batches run.");
        _meter.CreateObservableCounter("loki.queue", () => variants.Select(v => Of(v, v.QueueUs.Sum / 1e3)), "ms", "Sum of the rows' waiting times.");
        _meter.CreateObservableCounter("loki.compute", () => variants.Select(v => Of(v, v.ComputeUs.Sum / 1e3)), "ms", "Sum of the batches' run times.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Outcomes(PipelineMetrics pipeline) => s_outcomes.Select(o => new Measurement<long>(
        pipeline.Count(o), new("pipeline", pipeline.Pipeline), new("outcome", o.ToString())));

    private static IEnumerable<Measurement<long>> LostRows(VariantMetrics variant)
    {
        return [Of("failed", variant.FailedRows), Of("refused", variant.RefusedRows), Of("nonfinite", variant.NonFiniteRows), Of("dropped", variant.Drops)];

        Measurement<long> Of(string reason, long rows) =>
            new(rows, new("pipeline", variant.Pipeline), new("task", variant.Task), new("variant", variant.Variant), new("reason", reason));
    }

    private static Measurement<T> Of<T>(PipelineMetrics pipeline, T value)
        where T : struct => new(value, new KeyValuePair<string, object?>("pipeline", pipeline.Pipeline));

    private static Measurement<T> Of<T>(VariantMetrics variant, T value)
        where T : struct => new(value, new("pipeline", variant.Pipeline), new("task", variant.Task), new("variant", variant.Variant));
}
