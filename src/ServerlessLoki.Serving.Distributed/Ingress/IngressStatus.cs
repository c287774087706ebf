using System.Collections.Immutable;
using ServerlessLoki.Serving.Control;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Distributed.Ingress;

/// <summary>Status of a distributed system, as one ingress sees it.</summary>
internal static class IngressStatus
{
    public static EngineStatus Of(
        bool ready, TimeSpan uptime, string policy, string? fault, ImmutableArray<PipelineSource> sources, PlanFollower follower, ServingMetrics metrics,
        ImmutableArray<PipelineTick> ticks, FleetReport fleet, Func<string, ModelDescription?> describe)
    {
        var plan = follower.Current?.Document.Plan;
        var serving = follower.Workers.SelectMany(w => w.Serving).ToLookup(s => (s.Pipeline, s.Task));
        var pipelines = sources.Select((source, p) =>
        {
            var tick = p < ticks.Length ? ticks[p] : null;
            var tasks = source.Pipeline.Tasks.Select(t => new TaskStatusInfo(
                t.Name,
                serving[(source.Pipeline.Name, t.Name)].GroupBy(s => s.Variant, StringComparer.Ordinal)
                    .ToImmutableSortedDictionary(g => g.Key, g => g.Sum(s => s.Queued), StringComparer.Ordinal),
                plan is null ? "No plan yet." : string.Join(", ", plan.Slots.Where(s => s.Pipeline == p && s.Task == t.Index)
                    .Select(s => $"{t.Variants[s.Variant].Name} on {s.Replicas} slots")))
            {
                Variants = [.. t.Variants.Select(v => new VariantStatus(v.Name)
                {
                    HeldBecause = describe(v.Name)?.HeldBecause,
                    Fault = follower.FaultOf(v.Name),
                })],
            });
            return new PipelineStatus(
                source.Pipeline.Name, source.Pipeline.SloUs / 1000.0, tick?.DemandQps ?? 0, plan?.DemandQps[p] ?? 0, tick?.ServedQps ?? 0,
                metrics.Pipelines[p].Pending, plan?.Accuracy ?? 0, tick is { } t && !double.IsNaN(t.Accuracy) ? t.Accuracy : null, [.. tasks])
            {
                BeyondSloQps = tick?.BeyondSloQps ?? 0,
            };
        });
        var slots = follower.Workers.OrderBy(w => w.Worker, StringComparer.Ordinal).SelectMany(w => w.SlotStates.Select(s => s with { Id = $"{w.Worker}/{s.Id}" }));
        var faults = follower.Workers.Where(w => w.Fault is not null).Select(w => $"Worker {w.Worker}: {w.Fault}")
            .Concat(fleet.Devices.Where(d => d.Failure is not null).Select(d => $"Device {d.Device} cannot be scaled: {d.Failure}"));
        return new EngineStatus(
            ready, uptime, plan?.Policy ?? policy, plan?.Version ?? 0, fault ?? faults.FirstOrDefault(), [.. pipelines], [.. slots])
        {
            Fleet = fleet.Devices,
        };
    }
}
