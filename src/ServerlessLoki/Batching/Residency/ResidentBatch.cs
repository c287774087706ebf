using System.Runtime.InteropServices;

namespace ServerlessLoki.Batching.Residency;

/// <summary>What a free slot that holds several variants runs now. The simulator and the hosts decide by this alone.</summary>
/// <param name="Pair">The variant, and the most rows that it takes.</param>
/// <param name="Rows">Rows to take from the queue; 0 = the head is left to slots that hold a variant as accurate as it asks.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ResidentBatch(ResidentPair Pair, int Rows)
{
    /// <summary>Decides; never waits for more rows.</summary>
    /// <param name="choice">What runs at which slack.</param>
    /// <param name="waiting">The queue; at least one row.</param>
    /// <param name="slackUs">Until the head's batch must have ended, microseconds.</param>
    public static ResidentBatch Decide<TRows>(ResidentChoice choice, in TRows waiting, double slackUs)
        where TRows : struct, IWaitingRows
    {
        var pair = choice.For(slackUs);
        var rows = Math.Min(waiting.Count, pair.Batch);
        if (!waiting.AsksAccuracy)
            return new ResidentBatch(pair, rows);
        var needed = 0.0;
        for (var i = 0; i < rows; i++)
        {
            var row = waiting.Needed(i);
            if (!choice.Reaches(row) && waiting.BestElsewhere > choice.BestAccuracy)
                rows = i;
            else
                needed = Math.Max(needed, row);
        }

        pair = choice.For(slackUs, needed);
        return new ResidentBatch(pair, Math.Min(rows, pair.Batch));
    }
}
