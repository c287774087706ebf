using System.Collections.Immutable;
using ServerlessLoki.Planning.Policies.InferLine;

namespace ServerlessLoki.Planning.Policies.CoarseGrained;

/// <summary>The pipeline as one black box (InferLine, coarse-grained planning): a replica of every stage on its fastest hardware, one batch of queries
/// at a time through all of them.</summary>
/// <param name="Queries">Largest batch of queries whose end-to-end time meets the objective.</param>
/// <param name="Qps">μ: queries per second of one copy.</param>
/// <param name="LatencyUs">Time of the largest batch, microseconds.</param>
/// <param name="Stages">[task] position in the ladder and the stage's own batch.</param>
internal sealed record PipelineCopy(int Queries, double Qps, double LatencyUs, ImmutableArray<(int Hardware, int Batch)> Stages)
{
    /// <summary>Profiles the whole pipeline at each batch size; null when not even one query meets the objective.</summary>
    /// <param name="stages">The pipeline.</param>
    /// <param name="slots">[device] slots left; a replica of each stage is taken from them.</param>
    /// <param name="sloUs">The objective, microseconds.</param>
    public static PipelineCopy? Of(ImmutableArray<PipelineStage> stages, int[] slots, long sloUs)
    {
        var hardware = new int[stages.Length];
        foreach (var stage in stages)
        {
            hardware[stage.Task] = FirstFree(stage, slots);
            if (hardware[stage.Task] < 0)
                return null;
            slots[stage.Ladder[hardware[stage.Task]].Device]--;
        }

        PipelineCopy? best = null;
        foreach (var queries in stages.SelectMany(s => s.Ladder[hardware[s.Task]].Batches).Distinct().Order())
        {
            var endUs = new long[stages.Length];
            var batches = new (int Hardware, int Batch)[stages.Length];
            foreach (var stage in stages)
            {
                var device = stage.Ladder[hardware[stage.Task]];
                var rows = Math.Max(1, (int)Math.Ceiling((queries * stage.ScaleFactor) - 1e-9));
                var batch = device.Batches.FirstOrDefault(b => b >= rows, device.Batches[^1]);
                batches[stage.Task] = (hardware[stage.Task], batch);
                // Rows beyond the largest batch go in several, one after the other; on shared devices each takes its turns.
                var ownUs = (long)(Math.Ceiling((double)rows / batch) * device.BatchUs(Math.Min(rows, batch)) / device.SlotShare);
                endUs[stage.Task] = ownUs + (stage.Parent < 0 ? 0 : endUs[stage.Parent]);
            }

            if (endUs.Max() <= sloUs)
                best = new PipelineCopy(queries, queries * 1e6 / endUs.Max(), endUs.Max(), [.. batches]);
        }

        return best;
    }

    private static int FirstFree(PipelineStage stage, int[] slots)
    {
        for (var h = 0; h < stage.Ladder.Length; h++)
        {
            if (slots[stage.Ladder[h].Device] > 0)
                return h;
        }

        return -1;
    }
}
