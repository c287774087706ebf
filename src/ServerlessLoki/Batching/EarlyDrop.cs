namespace ServerlessLoki.Batching;

/// <summary>Tells queries that cannot finish in time on any path, so that they are answered at once instead of served late.</summary>
public static class EarlyDrop
{
    /// <summary>True when even a batch of one here, started now, and the fastest way below end after the deadline.</summary>
    /// <param name="deadlineUs">End-to-end deadline of the query.</param>
    /// <param name="nowUs">Now, on the same clock.</param>
    /// <param name="singleUs">Time of one row on the variant in question, microseconds.</param>
    /// <param name="minBelowUs">Least processing time after this stage, microseconds; 0 at a leaf.</param>
    /// <remarks>Drop while the head is hopeless, then decide the batch: the corrected scan of Loki's early dropping.</remarks>
    public static bool IsHopeless(long deadlineUs, long nowUs, double singleUs, double minBelowUs) =>
        nowUs + singleUs + minBelowUs > deadlineUs;
}
