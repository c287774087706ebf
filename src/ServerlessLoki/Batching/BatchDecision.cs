namespace ServerlessLoki.Batching;

/// <summary>What an idle slot should do about its queue.</summary>
/// <param name="Action">Run now or wait.</param>
/// <param name="Size">Rows to run, from the head; 0 when waiting.</param>
/// <param name="WakeAtUs">When to ask again at the latest, even if nothing arrives; <see cref="long.MaxValue"/> = only on arrival.</param>
internal readonly record struct BatchDecision(BatchAction Action, int Size, long WakeAtUs)
{
    /// <summary>Run <paramref name="size"/> rows now.</summary>
    public static BatchDecision Run(int size) => new(BatchAction.Run, size, 0);

    /// <summary>Ask again at <paramref name="wakeAtUs"/> or on the next arrival.</summary>
    public static BatchDecision Wait(long wakeAtUs) => new(BatchAction.Wait, 0, wakeAtUs);
}
