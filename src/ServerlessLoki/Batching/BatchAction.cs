namespace ServerlessLoki.Batching;

/// <summary>What an idle slot should do.</summary>
internal enum BatchAction
{
    /// <summary>Leave the queue alone until the wake-up time or the next arrival.</summary>
    Wait,

    /// <summary>Run a batch now.</summary>
    Run,
}
