namespace ServerlessLoki.LocalCloud.FunctionsHost.Timers;

/// <summary>Lock that this host holds until it is disposed or lost.</summary>
internal interface IHeldLock : IAsyncDisposable
{
    /// <summary>Token that is cancelled when another host may hold the lock.</summary>
    CancellationToken Lost { get; }
}
