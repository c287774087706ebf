namespace ServerlessLoki.Batching;

/// <summary>
/// Clipper's batcher (Proteus, AIMD batching, as it says a sound baseline does it): the batch size grows by one after each batch in time
/// and shrinks by a tenth after one with a late query, at most the planned size. A partial batch starts after a short wait.
/// </summary>
/// <remarks>It knows no deadlines and no profile. Keeps its size from batch to batch: one object per queue; not thread-safe.</remarks>
internal sealed class AimdBatching
{
    /// <summary>How long a partial batch waits for company, microseconds.</summary>
    public const long PartialWaitUs = 2_000;
    private const double Decrease = 0.9;
    private double _size = 1;
    private long? _waitingSinceUs;

    /// <summary>Rows that the next batch is to have; at least 1.</summary>
    public int Size => (int)_size;

    /// <summary>Decides for an idle slot.</summary>
    /// <param name="queued">Queries waiting; at least 0.</param>
    /// <param name="nowUs">Now; never earlier than in the last call.</param>
    /// <param name="maxBatch">Planned batch size; at least 1.</param>
    public BatchDecision Decide(int queued, long nowUs, int maxBatch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        if (queued <= 0)
        {
            _waitingSinceUs = null;
            return BatchDecision.Wait(long.MaxValue);
        }

        var size = Math.Min(Size, maxBatch);
        if (queued >= size)
            return BatchDecision.Run(size);
        var startUs = (_waitingSinceUs ??= nowUs) + PartialWaitUs;
        return nowUs >= startUs ? BatchDecision.Run(queued) : BatchDecision.Wait(startUs);
    }

    /// <summary>A batch started: the next partial one waits its full time.</summary>
    public void Started() => _waitingSinceUs = null;

    /// <summary>A batch ended.</summary>
    /// <param name="hadLate">A query of it was too late.</param>
    /// <param name="maxBatch">Planned batch size; at least 1.</param>
    public void Ended(bool hadLate, int maxBatch) => _size = hadLate ? Math.Max(1, _size * Decrease) : Math.Min(maxBatch, _size + 1);
}
