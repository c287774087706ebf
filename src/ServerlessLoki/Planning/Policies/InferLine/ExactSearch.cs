using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>Tries the settings of a pipeline in the order of their cost (InferLine, Planner as published): the first that is feasible is the cheapest of all.</summary>
internal static class ExactSearch
{
    /// <summary>Finds the cheapest feasible setting below a cost; null when there is none, or none among the first
    /// <paramref name="limit"/>.</summary>
    /// <param name="stages">Stages of the pipeline.</param>
    /// <param name="slots">Slots by device type.</param>
    /// <param name="belowCost">Cost that the setting must stay below.</param>
    /// <param name="limit">Most settings to try.</param>
    /// <param name="isFeasible">Tests whether a setting meets the objective.</param>
    public static PipelineSetting? Find(
        ImmutableArray<PipelineStage> stages, IReadOnlyList<int> slots, double belowCost, int limit, Func<PipelineSetting, bool> isFeasible)
    {
        var choices = stages.Select(s => Choices(s, slots, belowCost)).ToArray();
        if (choices.Any(c => c.Length == 0))
            return null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new PriorityQueue<int[], (double Cost, int Order)>();
        Push(new int[choices.Length]);
        for (var tried = 0; tried < limit && open.TryDequeue(out var at, out var priority) && priority.Cost < belowCost * (1 - 1e-12); tried++)
        {
            var setting = new PipelineSetting([.. at.Select((c, m) => choices[m][c].Setting)]);
            if (Fits(stages, slots, setting) && isFeasible(setting))
                return setting;
            for (var m = 0; m < at.Length; m++)
            {
                if (at[m] + 1 < choices[m].Length)
                    Push([.. at.Select((c, i) => i == m ? c + 1 : c)]);
            }
        }

        return null;

        void Push(int[] at)
        {
            if (seen.Add(string.Join(',', at)))
                open.Enqueue(at, (at.Select((c, m) => choices[m][c].Cost).Sum(), seen.Count));
        }
    }

    private static (StageSetting Setting, double Cost)[] Choices(PipelineStage stage, IReadOnlyList<int> slots, double belowCost) =>
    [
        .. stage.Ladder.SelectMany((hardware, h) => hardware.Batches.SelectMany(batch => Enumerable
                .Range(1, Math.Min(slots[hardware.Device], (int)Math.Min(100_000, belowCost / hardware.Price)))
                .Select(k => (Setting: new StageSetting(h, batch, k), Cost: k * hardware.Price))))
            .OrderBy(c => c.Cost).ThenBy(c => c.Setting.Hardware).ThenBy(c => c.Setting.Batch),
    ];

    private static bool Fits(ImmutableArray<PipelineStage> stages, IReadOnlyList<int> slots, PipelineSetting setting)
    {
        for (var d = 0; d < slots.Count; d++)
        {
            if (stages.Where(s => s.Ladder[setting[s.Task].Hardware].Device == d).Sum(s => setting[s.Task].Replicas) > slots[d])
                return false;
        }

        return true;
    }
}
