using System.Collections.Immutable;
using ServerlessLoki.Serving.Control;
using ServerlessLoki.Serving.Slots;

namespace ServerlessLoki.Serving;

/// <summary>Builder of an engine's status from the engine's parts.</summary>
internal static class EngineStatusReport
{
    public static EngineStatus Of(ServingEngine engine, SlotManager slots, ControlLoop control, TimeSpan uptime)
    {
        var last = control.LastTick;
        var queues = slots.Queues();
        var forecast = control.ForecastQps;
        var pipelines = engine.Pipelines.Select((source, p) =>
        {
            var tick = last?.Pipelines[p];
            var tasks = source.Pipeline.Tasks.Select(t => new TaskStatusInfo(
                t.Name,
                queues.Where(q => q.Id.Pipeline == p && q.Id.Task == t.Index)
                    .ToImmutableSortedDictionary(q => t.Variants[q.Id.Variant].Name, q => q.Queued, StringComparer.Ordinal),
                WhyOf(engine, p, t))
            {
                Variants = [.. t.Variants.Select(v => VariantOf(engine, slots, source, new VariantId(p, t.Index, v.Index)))],
            });
            return new PipelineStatus(
                source.Pipeline.Name, source.Pipeline.SloUs / 1000.0, tick?.DemandQps ?? 0, forecast[p], tick?.ServedQps ?? 0,
                engine.Metrics.Pipelines[p].Pending, engine.Plan?.Accuracy ?? 0,
                tick is { } t && !double.IsNaN(t.Accuracy) ? t.Accuracy : null, [.. tasks])
            {
                BeyondSloQps = tick?.BeyondSloQps ?? 0,
            };
        });
        return new EngineStatus(
            engine.IsReady, uptime, engine.Plan?.Policy ?? engine.Options.Policy, engine.Plan?.Version ?? 0, control.LastFault,
            [.. pipelines], slots.Status());
    }

    private static VariantStatus VariantOf(ServingEngine engine, SlotManager slots, PipelineSource source, VariantId id)
    {
        var metrics = engine.Metrics.Variants[id.Pipeline][id.Task][id.Variant];
        return new VariantStatus(metrics.Variant)
        {
            HeldBecause = slots.HeldBecause(id) ?? source.Models.GetValueOrDefault(metrics.Variant)?.HeldBecause,
            Fault = engine.FaultOf(id),
            Rows = metrics.Rows,
            FailedRows = metrics.FailedRows,
            RefusedRows = metrics.RefusedRows,
            NonFiniteRows = metrics.NonFiniteRows,
        };
    }

    private static string WhyOf(ServingEngine engine, int pipeline, Pipelines.PipelineTask task)
    {
        if (engine.Plan is not { } plan)
            return "No plan yet.";
        var groups = plan.Slots.Where(s => s.Pipeline == pipeline && s.Task == task.Index).ToList();
        if (groups.Count == 0)
            return engine.Unreachable(pipeline) ?? $"Not run at present. {string.Join(' ', plan.Why)}".TrimEnd();
        var used = string.Join(", ", groups.Select(g => $"{task.Variants[g.Variant].Name} on {g.Replicas} slots"));
        return groups.Any(g => g.Variant == task.MostAccurate.Index) && groups.Count == 1
            ? $"{used}: the most accurate variant carries the forecast."
            : $"{used}: the most accurate mix that carries the forecast of {plan.DemandQps[pipeline]:0.#} queries/s.";
    }
}
