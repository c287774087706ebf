namespace ServerlessLoki.Batching;

/// <summary>Action of an idle slot.</summary>
internal enum BatchAction
{
    /// <summary>Leave the queue alone until the wake-up time or the next arrival.</summary>
    Wait,

    /// <summary>Run a batch now.</summary>
    Run,
}
