using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Serving;
using ServerlessLoki.Simulation.Rules;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Differential.Tests;

/// <summary>Pipelines on shared slots under a given plan, and the queries that come.</summary>
internal sealed class Scene
{
    public required string Name { get; init; }

    public required PlanningProblem Problem { get; init; }

    public required Plan Plan { get; init; }

    public required ImmutableArray<Arrival> Arrivals { get; init; }

    /// <summary>Child items per item as they really are, by pipeline.</summary>
    public required ImmutableArray<FanOut> Children { get; init; }

    /// <summary>How long batches really take; plans, routes and batches go by the profile.</summary>
    public required LatencyProfile Truth { get; init; }

    /// <summary>Of each kind of device.</summary>
    public required int Threads { get; init; }

    /// <summary>What a fake model finds: as many things for each edge as the simulator draws for the same item.</summary>
    public OutputRow[] RowsOf(VariantId id, StageItem item)
    {
        var task = Problem.Pipelines[id.Pipeline].Pipeline.Tasks[id.Task];
        if (task.Outgoing.IsEmpty)
            return [new OutputRow(0, 0.9f, 0, 0, 1, 1)];
        var rows = new List<OutputRow>();
        for (var e = 0; e < task.Outgoing.Length; e++)
        {
            var edge = task.Outgoing[e].Index;
            var u = HashRandom.Unit(ItemKeys.Edge(item.Key, edge));
            rows.AddRange(Enumerable.Repeat(new OutputRow(e, 0.9f, 0, 0, 1, 1), FanOutSampler.Draw(FanOutDraw.Rounded, Children[id.Pipeline][edge, id.Variant], u)));
        }

        return [.. rows];
    }

    public BatchLatency TrueLatency(VariantId id)
    {
        var variant = Problem.Pipelines[id.Pipeline].Pipeline.Tasks[id.Task].Variants[id.Variant].Name;
        return Problem.Devices.Select(d => Truth.Find(variant, d.Name)).First(l => l is not null)!;
    }

    public ImmutableArray<PipelineSource> Sources => [.. Problem.Pipelines.Select(p => new PipelineSource(p.Pipeline, "."))];
}
