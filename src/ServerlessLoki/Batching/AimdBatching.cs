namespace ServerlessLoki.Batching;

/// <summary>
/// Clipper's batcher (Proteus, AIMD batching, as it says a sound baseline does it): the batch size grows by one after each batch in time
/// and shrinks by a tenth after one with a late query, at most the planned size. A partial batch starts after a short wait.
/// </summary>
/// <remarks>It knows no deadlines and no profile. Keeps its size from batch to batch: one object per queue; not thread-safe.</remarks>
internal sealed class AimdBatching
{
    /// <summary>Longest wait of a partial batch for further rows, microseconds.</summary>
    public const long PartialWaitUs = 2_000;
    private const double Decrease = 0.9;
    private double _size = 1;
    private long? _waitingSinceUs;

    /// <summary>Batch size to use next, rows; at least 1.</summary>
    public int Size => (int)_size;

    /// <summary>Decides whether an idle slot runs a batch now or waits.</summary>
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

    /// <summary>Records that a batch started: the next partial batch waits its full time.</summary>
    public void Started() => _waitingSinceUs = null;

    /// <summary>Records that a batch ended, and adapts the batch size.</summary>
    /// <param name="hadLate">True if a query of the batch was too late.</param>
    /// <param name="maxBatch">Planned batch size; at least 1.</param>
    public void Ended(bool hadLate, int maxBatch) => _size = hadLate ? Math.Max(1, _size * Decrease) : Math.Min(maxBatch, _size + 1);
}
