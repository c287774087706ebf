using System.Diagnostics.Metrics;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Gauges of an engine's meter: the figures of <c>/status</c>. Tags: <c>state</c> or <c>variant</c> of slots, else <c>pipeline</c>.</summary>
internal static class EngineGauges
{
    public const string Ready = "loki.ready";
    public const string ReadyMeans = "1 when every task has a loaded variant.";

    public static void Publish(Meter meter, IServingEngine engine)
    {
        meter.CreateObservableGauge(Ready, () => engine.IsReady ? 1L : 0, description: ReadyMeans);
        meter.CreateObservableGauge("loki.uptime", () => engine.Status().Uptime.TotalSeconds, "s", "Since the engine started.");
        meter.CreateObservableGauge("loki.plan.version", () => engine.Status().PlanVersion, description: "Version of the plan in force.");
        meter.CreateObservableGauge("loki.slots", () => Slots(engine.Status()), "{slot}", "Slots by state.");
        meter.CreateObservableGauge("loki.held_slots", () => Held(engine.Status()), "{slot}", "Slots that hold a variant, by variant, where slots hold several.");
        Gauge("loki.demand_qps", null, "Demand of the last second: arrivals, of the rejected ones up to three times those that were taken.", p => p.DemandQps);
        Gauge("loki.forecast_qps", null, "Demand the plan was made for.", p => p.ForecastQps);
        Gauge("loki.served_qps", null, "Completed in the last second.", p => p.ServedQps);
        Gauge("loki.planned_accuracy", "1", "Expected accuracy of the plan.", p => p.PlannedAccuracy);
        Gauge("loki.slo", "s", "Latency objective.", p => p.SloMs / 1000);

        void Gauge(string name, string? unit, string description, Func<PipelineStatus, double> of) => meter.CreateObservableGauge(
            name, () => engine.Status().Pipelines.Select(p => new Measurement<double>(of(p), new KeyValuePair<string, object?>("pipeline", p.Name))), unit, description);
    }

    private static IEnumerable<Measurement<long>> Held(EngineStatus status) =>
        status.Slots.SelectMany(s => s.Held).CountBy(v => v).OrderBy(v => v.Key, StringComparer.Ordinal)
            .Select(v => new Measurement<long>(v.Value, new KeyValuePair<string, object?>("variant", v.Key)));

    private static IEnumerable<Measurement<long>> Slots(EngineStatus status) =>
        status.Slots.GroupBy(s => s.State, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new Measurement<long>(g.Count(), new KeyValuePair<string, object?>("state", g.Key)));
}
