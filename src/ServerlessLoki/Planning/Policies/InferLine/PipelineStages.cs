using System.Collections.Immutable;
using ServerlessLoki.Planning.Modelling;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>Derives the stages of each pipeline of a problem, with one variant per task.</summary>
internal static class PipelineStages
{
    /// <summary>Lists the stages of each pipeline in the order of the tasks; empty where no variants meet the objective even without
    /// queueing.</summary>
    public static ImmutableArray<ImmutableArray<PipelineStage>> Of(PlanningProblem problem, ImmutableDictionary<string, string> variants)
    {
        // The estimator judges queueing itself, so processing alone may take all of the objective.
        var whole = problem with { Options = problem.Options with { ProcessingShare = 1 } };
        var space = PlanningSpace.Create(whole, (p, t, v) =>
        {
            var task = problem.Pipelines[p].Pipeline.Tasks[t];
            return !variants.TryGetValue(task.Name, out var name) || task.Variants[v].Name == name;
        });
        return [.. space.Pipelines.Select(p => Of(problem, p.Index, MostAccurate.Choose(p, problem.Previous)))];
    }

    /// <summary>Returns the price of a replica for planning: per hour, or per slot where nothing has a price.</summary>
    public static double Price(PlanningProblem problem, int device) =>
        problem.Devices.All(d => d.PricePerHour == 0) ? 1 : Math.Max(1e-9, problem.Devices[device].PricePerHour);

    private static ImmutableArray<PipelineStage> Of(PlanningProblem problem, int pipeline, int[] chosen)
    {
        var demand = problem.Pipelines[pipeline];
        if (chosen[0] < 0)
            return [];
        var scale = new double[chosen.Length];
        var stages = ImmutableArray.CreateBuilder<PipelineStage>();
        foreach (var task in demand.Pipeline.Tasks)
        {
            var copies = 1.0;
            var parent = -1;
            if (!task.Incoming.IsEmpty)
            {
                var edge = task.Incoming[0];
                parent = edge.From;
                copies = demand.FanOut[edge.Index, chosen[parent]] * problem.Options.FanOutHeadroom;
            }

            scale[task.Index] = copies * (parent < 0 ? 1 : scale[parent]);
            var name = task.Variants[chosen[task.Index]].Name;
            stages.Add(new PipelineStage(task.Index, parent, chosen[task.Index], copies, scale[task.Index], Ladder(problem, name)));
        }

        return stages.ToImmutable();
    }

    private static ImmutableArray<StageHardware> Ladder(PlanningProblem problem, string variant)
    {
        var ladder = new List<StageHardware>();
        for (var d = 0; d < problem.Devices.Length; d++)
        {
            var device = problem.Devices[d];
            if (device.Slots > 0 && problem.Profile.Find(variant, device.Name) is { } latency)
                ladder.Add(new StageHardware(d, latency, device.SlotShare, Price(problem, d), problem.Options.MaxBatch ?? int.MaxValue));
        }

        return [.. ladder.OrderBy(h => h.BatchUs(h.Batches[0])).ThenBy(h => h.Price)];
    }
}
