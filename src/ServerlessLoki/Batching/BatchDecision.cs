namespace ServerlessLoki.Batching;

/// <summary>Decision of an idle slot about its queue.</summary>
/// <param name="Action">Run now or wait.</param>
/// <param name="Size">Rows to run, from the head; 0 when waiting.</param>
/// <param name="WakeAtUs">Latest time to ask again even if nothing arrives, microseconds; <see cref="long.MaxValue"/> = only on
/// arrival.</param>
internal readonly record struct BatchDecision(BatchAction Action, int Size, long WakeAtUs)
{
    /// <summary>Makes a decision to run <paramref name="size"/> rows now.</summary>
    public static BatchDecision Run(int size) => new(BatchAction.Run, size, 0);

    /// <summary>Makes a decision to wait: the slot asks again at <paramref name="wakeAtUs"/> or on the next arrival.</summary>
    public static BatchDecision Wait(long wakeAtUs) => new(BatchAction.Wait, 0, wakeAtUs);
}
