namespace ServerlessLoki.Batching;

/// <summary>Loki's and InferLine's batcher (Loki, worker): work-conserving, an idle slot runs what is there up to the planned size.</summary>
internal static class FixedSizeBatching
{
    /// <summary>Decides how many rows an idle slot runs.</summary>
    /// <param name="queued">Queries waiting; at least 0.</param>
    /// <param name="maxBatch">Planned batch size; at least 1.</param>
    public static BatchDecision Decide(int queued, int maxBatch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        return queued <= 0 ? BatchDecision.Wait(long.MaxValue) : BatchDecision.Run(Math.Min(queued, maxBatch));
    }
}
